import { basename } from 'node:path';
import { Worker } from 'node:worker_threads';
import { CancelledError, deserializeError, InvalidStateError } from '../../errors.ts';
import type { FromUnpackWorker, UnpackTask } from './messages.ts';

/** What a caller gives; the threads number it. */
export interface UnpackWork extends Omit<UnpackTask, 'id'> {
  /** Before what waits in the background. */
  readonly first: boolean;
  readonly onProgress: (done: number) => void;
}

interface Queued {
  readonly task: UnpackTask;
  readonly onProgress: (done: number) => void;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

interface Thread {
  readonly worker: Worker;
  queued: Queued | null;
  failure: Error | null;
}

/** Threads that unpack values, one each at a time. They start when needed and keep no idle process alive. */
export class UnpackThreads {
  readonly #limit: number;
  readonly #threads: Thread[] = [];
  readonly #queue: Queued[] = [];
  #lastId = 0;
  #closed = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  run({ onProgress, first, ...work }: UnpackWork): Promise<void> {
    this.#lastId += 1;
    const task = { ...work, id: this.#lastId };
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        reject(new InvalidStateError('The unpacker was closed.'));
        return;
      }
      const queued = { task, onProgress, resolve, reject };
      if (first) this.#queue.unshift(queued);
      else this.#queue.push(queued);
      this.#pump();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const { reject } of this.#queue.splice(0)) reject(new CancelledError('The unpacker was closed.'));
    const threads = this.#threads.splice(0);
    await Promise.all(threads.map(({ worker }) => worker.terminate()));
    for (const { queued } of threads) queued?.reject(new CancelledError('The unpacker was closed.'));
  }

  #pump(): void {
    while (this.#queue.length > 0) {
      const idle = this.#threads.find(({ queued }) => queued === null);
      if (!idle && this.#threads.length >= this.#limit) return;
      const queued = this.#queue.shift();
      if (!queued) return;
      if (Atomics.load(queued.task.cancel, 0) !== 0) queued.reject(new CancelledError());
      else this.#dispatch(idle ?? this.#spawn(), queued);
    }
  }

  #dispatch(thread: Thread, queued: Queued): void {
    thread.queued = queued;
    thread.worker.ref();
    thread.worker.postMessage(queued.task);
  }

  #spawn(): Thread {
    const worker = new Worker(new URL('./worker/unpack.worker.js', import.meta.url), { execArgv: [] });
    worker.unref();
    const thread: Thread = { worker, queued: null, failure: null };
    worker.on('message', (message: FromUnpackWorker) => this.#receive(thread, message));
    worker.on('error', (error: Error) => {
      thread.failure = error;
    });
    worker.on('exit', () => this.#bury(thread));
    this.#threads.push(thread);
    return thread;
  }

  #receive(thread: Thread, message: FromUnpackWorker): void {
    const { queued } = thread;
    if (!queued || message.id !== queued.task.id) return;
    if (message.type === 'progress') {
      queued.onProgress(message.done);
      return;
    }
    thread.queued = null;
    thread.worker.unref();
    if (message.type === 'done') queued.resolve();
    else queued.reject(deserializeError(message.error));
    this.#pump();
  }

  #bury(thread: Thread): void {
    const index = this.#threads.indexOf(thread);
    if (index >= 0) this.#threads.splice(index, 1);
    const { queued, failure } = thread;
    thread.queued = null;
    if (!queued || this.#closed) return;
    const { packed, dtype, shape } = queued.task;
    queued.reject(
      new InvalidStateError(
        `The thread that unpacked a tensor ${dtype} (${shape.join(', ')}) of ${basename(packed.files[0]?.path ?? '')} stopped: ` +
          `${failure?.message ?? 'it ended without an error'}. Other tensors are not affected; please report this with the file.`,
        { decoder: packed.decoder, reason: failure?.message ?? null },
      ),
    );
    this.#pump();
  }
}
