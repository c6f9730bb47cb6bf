import { CancelledError } from '../errors.ts';
import type { LazyTensor } from '../ndarray/lazy-tensor.ts';
import type { WorkOptions } from './engine.ts';
import type { Piece, PieceResult } from './messages.ts';

/** One piece on its way through the pool. */
export interface Task {
  readonly id: number;
  readonly job: Job;
  readonly piece: Piece;
  /** The part of its bytes that this pass adds to the job's progress. */
  readonly share: number;
  readonly resolve: (result: PieceResult) => void;
  readonly reject: (error: Error) => void;
  /** How many workers died over it. */
  deaths: number;
  /** Bytes it has reported, to be taken back where it starts again. */
  reported: number;
}

export interface JobSpec extends WorkOptions {
  readonly tensors: readonly LazyTensor[];
  /** Bytes that progress ends at; null where it is not known beforehand. */
  readonly totalBytes: number | null;
  /** True where one piece may take long: in the background such jobs leave a worker free. */
  readonly long?: boolean;
}

let lastId = 0;

/** Work on one tensor, or on two: its pieces share files, a cancel flag and a progress count. */
export class Job {
  readonly id: number;
  readonly spec: JobSpec;
  readonly queue: Task[] = [];
  /** Shared with the workers: 1 stops them at the next chunk. */
  readonly cancel = new Int32Array(new SharedArrayBuffer(4));
  #done = 0;
  #shown = 0;

  constructor(spec: JobSpec) {
    lastId += 1;
    this.id = lastId;
    this.spec = spec;
  }

  get background(): boolean {
    return this.spec.priority === 'background';
  }

  advance(task: Task, bytes: number): void {
    task.reported += bytes * task.share;
    this.#add(bytes * task.share);
  }

  /** A piece that starts again has done nothing; what was shown stays until it catches up. */
  takeBack(task: Task): void {
    this.#add(-task.reported);
    task.reported = 0;
  }

  finish(): void {
    this.#add((this.spec.totalBytes ?? this.#done) - this.#done);
  }

  #add(bytes: number): void {
    this.#done += bytes;
    const shown = Math.floor(Math.min(this.#done, this.spec.totalBytes ?? this.#done));
    if (shown <= this.#shown) return;
    this.#shown = shown;
    this.spec.onProgress?.(shown);
  }

  throwIfCancelled(): void {
    if (Atomics.load(this.cancel, 0) !== 0 || this.spec.signal?.aborted) throw new CancelledError();
  }
}
