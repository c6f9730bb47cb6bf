import { OutOfMemoryError } from '../../errors.ts';

/** Node has it; the libraries of TypeScript know it only beside the DOM. */
declare const WebAssembly: {
  readonly Memory: new (limits: {
    readonly initial: number;
    readonly maximum: number;
    readonly shared: true;
  }) => SharedMemory;
};

/** The memory of one spectrum: every worker's kernels compute in it, at addresses that the job gave out. */
export interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
}

const PAGE_BYTES = 65_536;

/** Gives out parts of a memory that is made once all are known. */
export class MemoryPlan {
  /** asc keeps its static data in the first pages. */
  #end = 2 * PAGE_BYTES;

  /** The address of room for `count` float64 values. */
  values(count: number): number {
    const start = this.#end;
    this.#end += Math.ceil(count / 8) * 64;
    return start;
  }

  get bytes(): number {
    return this.#end;
  }
}

/**
 * Keeps the memory of one spectrum for the next: workers let go of one only when their garbage is collected, which may be
 * never. Untouched pages of it cost nothing.
 */
export class SpareMemory {
  #spare: SharedMemory | null = null;

  /** Memory of at least `bytes`, its contents left over from before; what fails in `work` may still write to it and loses it. */
  async use<T>(bytes: number, work: (memory: SharedMemory) => Promise<T>): Promise<T> {
    const memory = this.#take(bytes);
    const result = await work(memory);
    if (memory.buffer.byteLength >= (this.#spare?.buffer.byteLength ?? 0)) this.#spare = memory;
    return result;
  }

  #take(bytes: number): SharedMemory {
    const spare = this.#spare;
    if (spare === null || spare.buffer.byteLength < bytes) return make(bytes);
    this.#spare = null;
    return spare;
  }
}

/** In sizes of powers of two, so that all that ever were made are not twice the largest. */
function make(bytes: number): SharedMemory {
  const pages = 2 ** Math.ceil(Math.log2(bytes / PAGE_BYTES));
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  } catch {
    throw new OutOfMemoryError(`There are no ${Math.ceil(bytes / 2 ** 20)} MiB of memory left for the spectrum.`);
  }
}
