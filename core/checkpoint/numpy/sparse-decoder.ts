import { z } from 'zod';
import { CheckpointFormatError } from '../../errors.ts';
import { indicesIn } from '../../ndarray/sparse-layout.ts';
import type { RandomBytes, UnpackJob } from '../unpack/decoder.ts';
import { storedOf } from '../unpack/parameters.ts';
import { swapBytes } from '../unpack/swap-bytes.ts';

const size = z.int().nonnegative();
const parametersSchema = z.object({
  parts: z.array(z.object({ stored: z.json(), swap: z.int().positive(), position: size })),
  stype: z.enum(['csr', 'row_sparse']),
  /** Of each index part: int64 instead of int32. */
  wide: z.array(z.boolean()),
  rows: size,
  columns: size,
});
type Parameters = z.infer<typeof parametersSchema>;

/** Row starts that are in memory at once. */
const BLOCK = 64 * 1024;

/**
 * Puts the values and indices of a sparse array one after the other. What passes can be expanded without
 * looking again: indices in range, ascending, each once.
 *
 * @throws CheckpointFormatError where they are not.
 */
export async function decodeSparse(job: UnpackJob): Promise<void> {
  const parameters = parametersSchema.parse(job.parameters);
  const { stype, rows, columns } = parameters;
  await copyPart(job, parameters, { part: 0, visit: () => {} });
  if (stype === 'row_sparse') {
    await copyPart(job, parameters, { part: 1, visit: ascending('row', rows) });
    return;
  }
  const stored = (part: number): number => storedOf(parameters.parts[part]?.stored).nbytes;
  const nnz = stored(2) / (parameters.wide[1] ? 8 : 4);
  await copyPart(job, parameters, { part: 1, visit: rowStarts(nnz, rows) });
  const starts = new RowStarts(await job.bytes(storedOf(parameters.parts[1]?.stored)), parameters);
  await copyPart(job, parameters, { part: 2, visit: columnsOfRows(columns, starts) });
}

type Visit = (index: number, position: number) => void;

async function copyPart(
  job: UnpackJob,
  { parts, wide }: Parameters,
  { part, visit }: { readonly part: number; readonly visit: Visit },
): Promise<void> {
  const { stored, swap = 1, position = 0 } = parts[part] ?? {};
  let [at, index] = [position, 0];
  for await (const piece of job.pieces(storedOf(stored))) {
    swapBytes(piece, swap);
    if (part > 0) {
      for (const value of indicesIn({ dtype: wide[part - 1] ? 'int64' : 'int32' }, piece)) visit(value, index++);
    }
    job.write(piece, at);
    job.advance(piece.length);
    at += piece.length;
  }
}

function ascending(what: string, limit: number): Visit {
  let previous = -1;
  return (index) => {
    if (index >= limit || index < 0) refuse(`${what} ${index} is outside of 0 to ${limit - 1}`);
    if (index <= previous) refuse(`${what} ${index} follows ${previous}; they must ascend`);
    previous = index;
  };
}

function rowStarts(nnz: number, rows: number): Visit {
  let previous = 0;
  return (start, i) => {
    const edge = i === 0 ? 0 : i === rows ? nnz : null;
    if (edge !== null && start !== edge)
      refuse(`indptr ${i === 0 ? 'begins' : 'ends'} with ${start}, not with ${edge}`);
    if (start < previous) refuse(`indptr falls from ${previous} to ${start}`);
    previous = start;
  };
}

function columnsOfRows(limit: number, starts: RowStarts): Visit {
  let check = ascending('column', limit);
  return (index, i) => {
    if (starts.passed(i)) check = ascending('column', limit);
    check(index, i);
  };
}

/** Where rows begin, read again in blocks beside their columns. */
class RowStarts {
  readonly #bytes: RandomBytes;
  readonly #swap: number;
  readonly #dtype: 'int32' | 'int64';
  #block: readonly number[] = [];
  #first = 0;
  #next = 0;

  constructor(bytes: RandomBytes, { parts, wide }: Parameters) {
    this.#bytes = bytes;
    this.#swap = parts[1]?.swap ?? 1;
    this.#dtype = wide[0] ? 'int64' : 'int32';
  }

  /** True where a row begins at the stored element `i`; asked in ascending order. */
  passed(i: number): boolean {
    let isNew = false;
    for (; this.#at(this.#next) <= i; this.#next++) isNew = true;
    return isNew;
  }

  #at(row: number): number {
    const itemsize = this.#dtype === 'int64' ? 8 : 4;
    if (row >= this.#first + this.#block.length) {
      this.#first = row;
      const count = Math.min(BLOCK, this.#bytes.nbytes / itemsize - row);
      if (count <= 0) return Number.POSITIVE_INFINITY;
      const bytes = new Uint8Array(count * itemsize);
      this.#bytes.read(row * itemsize, bytes);
      swapBytes(bytes, this.#swap);
      this.#block = indicesIn({ dtype: this.#dtype }, bytes);
    }
    return this.#block[row - this.#first] ?? Number.POSITIVE_INFINITY;
  }
}

function refuse(problem: string): never {
  throw new CheckpointFormatError(
    `A sparse array cannot be read: ${problem}. In SciPy, call sum_duplicates() before saving it.`,
  );
}
