import { type IndexRun, indexBytes, indicesIn } from '../../ndarray/sparse-layout.ts';
import type { ByteSource } from '../byte-source.ts';
import type { FileCursor } from './file-cursor.ts';
import type { RecordedArray } from './record.ts';

/** Indices that are in memory at once. */
const BLOCK = 64 * 1024;

type Fail = FileCursor['fail'];

/** Where the indices of a sparse array must lie; `limit` is exclusive. */
interface Rule {
  readonly what: string;
  readonly limit: number;
}

/**
 * Checks the indices of a sparse array as MXNet's `check_format` does: in range and ascending, the
 * columns of csr within each row. What passes can be expanded without looking again.
 */
export async function checkIndices(source: ByteSource, { sparse, shape }: RecordedArray, fail: Fail): Promise<void> {
  if (!sparse) return;
  const { layout } = sparse;
  const [rows = 0, columns = 0] = shape;
  if (layout.stype === 'row_sparse') {
    await checkAscending(source, layout.rows, { rule: { what: 'row index', limit: rows }, fail });
    return;
  }
  if (layout.indptr.count === 0) return;
  await checkRowStarts(source, layout, fail);
  await checkColumns(source, layout, { rule: { what: 'column index', limit: columns }, fail });
}

interface Checking {
  readonly rule: Rule;
  readonly fail: Fail;
}

async function checkAscending(source: ByteSource, run: IndexRun, { rule, fail }: Checking): Promise<void> {
  let previous = -1;
  await eachIndex(source, run, (index, i) => {
    checkRange(run, { index, i }, { rule, fail });
    if (index <= previous) {
      fail(`${rule.what} ${index} follows ${previous}; they must ascend`, placeOf(run, i));
    }
    previous = index;
  });
}

async function checkRowStarts(
  source: ByteSource,
  { indptr, columns }: { readonly indptr: IndexRun; readonly columns: IndexRun },
  fail: Fail,
): Promise<void> {
  let previous = 0;
  await eachIndex(source, indptr, (start, i) => {
    const edge = i === 0 ? 0 : i === indptr.count - 1 ? columns.count : null;
    if (edge !== null && start !== edge) {
      fail(`indptr ${i === 0 ? 'begins' : 'ends'} with ${start}, not with ${edge}`, placeOf(indptr, i));
    }
    if (start < previous) fail(`indptr falls from ${previous} to ${start}`, placeOf(indptr, i));
    previous = start;
  });
}

async function checkColumns(
  source: ByteSource,
  { indptr, columns }: { readonly indptr: IndexRun; readonly columns: IndexRun },
  { rule, fail }: Checking,
): Promise<void> {
  const starts = new RowStarts(source, indptr);
  let previous = -1;
  for (let block = 0; block < columns.count; block += BLOCK) {
    const stop = Math.min(block + BLOCK, columns.count);
    const indices = await readIndices(source, columns, { from: block, to: stop });
    for (const [n, index] of indices.entries()) {
      const i = block + n;
      checkRange(columns, { index, i }, { rule, fail });
      while (i >= starts.next) {
        if (starts.exhausted) await starts.refill();
        starts.advance();
        previous = -1;
      }
      if (index <= previous) {
        fail(`column index ${index} follows ${previous} in one row; they must ascend`, placeOf(columns, i));
      }
      previous = index;
    }
  }
}

/** The starts of rows one after the other, read in blocks. */
class RowStarts {
  readonly #source: ByteSource;
  readonly #indptr: IndexRun;
  #block: number[] = [];
  #blockStart = 0;
  #at = 0;
  next = 0;

  constructor(source: ByteSource, indptr: IndexRun) {
    this.#source = source;
    this.#indptr = indptr;
  }

  get exhausted(): boolean {
    return this.#at >= this.#blockStart + this.#block.length;
  }

  async refill(): Promise<void> {
    this.#blockStart = this.#at;
    const to = Math.min(this.#at + BLOCK, this.#indptr.count);
    this.#block = await readIndices(this.#source, this.#indptr, { from: this.#at, to });
  }

  advance(): void {
    this.next = this.#block[this.#at - this.#blockStart] ?? Number.POSITIVE_INFINITY;
    this.#at += 1;
  }
}

function checkRange(run: IndexRun, { index, i }: { index: number; i: number }, { rule, fail }: Checking): void {
  if (index >= 0 && index < rule.limit) return;
  fail(`${rule.what} ${index} is outside of 0 to ${rule.limit - 1}`, placeOf(run, i));
}

async function eachIndex(source: ByteSource, run: IndexRun, visit: (index: number, i: number) => void): Promise<void> {
  for (let from = 0; from < run.count; from += BLOCK) {
    const to = Math.min(from + BLOCK, run.count);
    for (const [i, index] of (await readIndices(source, run, { from, to })).entries()) visit(index, from + i);
  }
}

async function readIndices(
  source: ByteSource,
  run: IndexRun,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<number[]> {
  const { offset, nbytes } = indexBytes(run, from, to);
  return indicesIn(run, await source.read(offset, nbytes));
}

function placeOf(run: IndexRun, i: number): number {
  return indexBytes(run, i, i + 1).offset;
}
