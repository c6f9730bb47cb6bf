import { elementCount } from '../../ndarray/shape.ts';
import type { UnpackJob } from '../unpack/decoder.ts';
import type { ChunkGrid } from './chunk-grid.ts';

/** Rows of chunks up to this size are put together in memory before they are written. */
const MAX_SLAB = 32 * 1024 * 1024;
/** Thin ones are put together to about this size. */
const GOOD_SLAB = 1024 * 1024;

/** Where the numbers of chunks go. */
export interface ChunkTarget {
  /** False where the chunk may not come now. */
  place(at: readonly number[], numbers: Buffer): boolean;
  /** Writes what is held back, and the fill value where nothing was stored. */
  finish(): void;
}

export interface ChunkedValue {
  readonly job: UnpackJob;
  readonly grid: ChunkGrid;
  readonly shape: readonly number[];
  readonly chunk: readonly number[];
  /** Bytes of the numbers of one element. */
  readonly nbytes: number;
  /** The numbers of one element that was never written; null for zeros. */
  readonly fill: Buffer | null;
}

/** `ordered`: chunks come in the order of the first axis, which they do but in arrays that grow along another. */
export function chunkTarget(value: ChunkedValue, ordered: boolean): ChunkTarget {
  const rowBytes = elementCount(value.shape.slice(1)) * value.nbytes;
  const chunkRows = value.chunk[0] ?? 1;
  const rows = chunkRows * Math.max(1, Math.floor(GOOD_SLAB / (chunkRows * rowBytes)));
  return ordered && rows * rowBytes <= MAX_SLAB ? new SlabTarget(value, { rows, rowBytes }) : new DirectTarget(value);
}

/** Writes each run of a chunk as it comes. */
class DirectTarget implements ChunkTarget {
  constructor(readonly value: ChunkedValue) {}

  place(at: readonly number[], numbers: Buffer): boolean {
    const { job, grid, nbytes } = this.value;
    let placed = 0;
    for (const { from, to, count } of grid.runs(at)) {
      job.write(numbers.subarray(from * nbytes, (from + count) * nbytes), to * nbytes);
      placed += count * nbytes;
    }
    job.advance(placed);
    return true;
  }

  finish(): void {
    const { grid, fill, chunk } = this.value;
    if (!fill) return;
    const blank = Buffer.alloc(elementCount(chunk) * fill.length, fill);
    for (const at of grid.missing()) this.place(at, blank);
  }
}

/** Puts together all chunks of the same place along the first axis: one write instead of many short ones. */
class SlabTarget implements ChunkTarget {
  readonly #bytes: Buffer;
  /** Of the first axis. */
  readonly #rows: number;
  /** The slab that is being put together; those before are written. */
  #current = 0;

  constructor(
    readonly value: ChunkedValue,
    { rows, rowBytes }: { readonly rows: number; readonly rowBytes: number },
  ) {
    this.#rows = rows;
    this.#bytes = Buffer.alloc(rows * rowBytes);
    this.#clear();
  }

  place(at: readonly number[], numbers: Buffer): boolean {
    const { grid, nbytes } = this.value;
    const slab = Math.floor((at[0] ?? 0) / this.#rows);
    if (slab < this.#current) return false;
    this.#writeUpTo(slab);
    const start = slab * this.#bytes.length;
    for (const { from, to, count } of grid.runs(at)) {
      numbers.copy(this.#bytes, to * nbytes - start, from * nbytes, (from + count) * nbytes);
    }
    return true;
  }

  finish(): void {
    this.#writeUpTo(Math.ceil((this.value.shape[0] ?? 1) / this.#rows));
  }

  #writeUpTo(slab: number): void {
    const { job } = this.value;
    for (; this.#current < slab; this.#current++) {
      const start = this.#current * this.#bytes.length;
      const length = Math.min(this.#bytes.length, job.nbytes - start);
      job.write(this.#bytes.subarray(0, length), start);
      job.advance(length);
      this.#clear();
    }
  }

  #clear(): void {
    const { fill } = this.value;
    if (fill) this.#bytes.fill(fill);
    else this.#bytes.fill(0);
  }
}
