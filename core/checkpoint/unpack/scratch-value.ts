import { rm } from 'node:fs/promises';
import { CancelledError } from '../../errors.ts';
import type { FileStamp } from '../../ndarray/lazy-tensor.ts';
import type { UnpackOptions } from '../../ndarray/packed-storage.ts';
import { stampOf } from '../byte-source.ts';

export interface ScratchWork {
  /** Makes room and names the file. */
  place(isCancelled: () => boolean): Promise<string>;
  unpack(target: string, control: { cancel: Int32Array; onProgress: (done: number) => void }): Promise<void>;
  /** The value will not come, or went: whoever asks again gets another. */
  gone(): void;
  /** Somebody stopped looking at it, or waiting for it. */
  letGo(): void;
}

interface Unpacked {
  readonly path: string;
  readonly stamp: FileStamp;
}

/** One value on its way into a scratch file, or there, with those who wait for it and those who look at it. */
export class ScratchValue {
  readonly nbytes: number;
  readonly #work: ScratchWork;
  readonly #cancel = new Int32Array(new SharedArrayBuffer(4));
  readonly #unpacked: Promise<Unpacked>;
  readonly #listeners = new Set<(done: number) => void>();
  #waiting = 0;
  #holders = 0;
  #isThere = false;
  #path: string | null = null;

  constructor(nbytes: number, work: ScratchWork) {
    this.nbytes = nbytes;
    this.#work = work;
    this.#unpacked = this.#run();
    // Whoever waits hears of it; where all have gone, nobody need.
    this.#unpacked.catch(() => {});
  }

  /** True from when there is room for it. */
  get isPlaced(): boolean {
    return this.#path !== null;
  }

  /** True where all of it is on the disk. */
  get isThere(): boolean {
    return this.#isThere;
  }

  get #isCancelled(): boolean {
    return Atomics.load(this.#cancel, 0) !== 0;
  }

  /** True where it may be removed: nobody looks at it and nobody waits for it. */
  get isIdle(): boolean {
    return this.#isThere && this.#holders === 0 && this.#waiting === 0;
  }

  /** Waits for the value, which stays until as many calls of `release`. */
  async hold({ signal, onProgress }: UnpackOptions): Promise<Unpacked> {
    this.#waiting += 1;
    if (onProgress) this.#listeners.add(onProgress);
    try {
      const unpacked = await untilAborted(this.#unpacked, signal);
      this.#holders += 1;
      return unpacked;
    } finally {
      this.#waiting -= 1;
      if (onProgress) this.#listeners.delete(onProgress);
      if (this.#waiting === 0 && !this.#isThere) this.cancel();
      this.#work.letGo();
    }
  }

  release(): void {
    this.#holders -= 1;
    this.#work.letGo();
  }

  cancel(): void {
    Atomics.store(this.#cancel, 0, 1);
    if (!this.#isThere) this.#work.gone();
  }

  /** Makes room: whoever asks again has it unpacked again. */
  async forget(): Promise<void> {
    this.#work.gone();
    await this.#remove();
  }

  async #remove(): Promise<void> {
    if (this.#path !== null) await rm(this.#path, { force: true });
  }

  async #run(): Promise<Unpacked> {
    try {
      const path = await this.#work.place(() => this.#isCancelled);
      if (this.#isCancelled) throw new CancelledError();
      this.#path = path;
      const onProgress = (done: number): void => {
        for (const listener of this.#listeners) listener(done);
      };
      await this.#work.unpack(path, { cancel: this.#cancel, onProgress });
      const stamp = await stampOf(path);
      this.#isThere = true;
      return { path, stamp };
    } catch (error) {
      this.#work.gone();
      await this.#remove();
      throw error;
    }
  }
}

function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(new CancelledError());
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
