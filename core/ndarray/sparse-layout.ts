import type { Shape } from './shape.ts';

/** A run of indices in a file, little-endian. */
export interface IndexRun {
  readonly offset: number;
  readonly count: number;
  readonly dtype: 'int32' | 'int64';
}

/**
 * How the stored values of a tensor spread over its dense form; everything between them is zero.
 * Whoever makes a layout has checked its indices: in range, ascending, unique.
 */
export type SparseLayout =
  /** The stored rows are those that `rows` names. */
  | { readonly stype: 'row_sparse'; readonly rows: IndexRun }
  /** Row `r` of a matrix has the stored elements `[indptr[r], indptr[r + 1])`, in the columns that `columns` names. */
  | { readonly stype: 'csr'; readonly indptr: IndexRun; readonly columns: IndexRun };

export interface SparseStorage {
  readonly layout: SparseLayout;
  /** Bytes of the stored values. */
  readonly storedBytes: number;
}

export interface SparseValues {
  readonly layout: SparseLayout;
  readonly shape: Shape;
  /** Bytes of one element. */
  readonly itemsize: number;
  /** Where in the file the stored values begin. */
  readonly offset: number;
}

/** Bytes of a file that an expansion wants next. */
export interface WantedBytes {
  readonly offset: number;
  readonly nbytes: number;
}

/** Yields what it wants to read and is given the bytes: its driver reads as it must, at once or later. */
export type Expansion = Generator<WantedBytes, void, Uint8Array>;

/**
 * Writes the elements `[start, start + count)` of the dense form to `target`, in C order. Reads no
 * more values than `count`, whatever the size of the tensor.
 */
export function* expandSparse(
  sparse: SparseValues,
  { start, count }: { readonly start: number; readonly count: number },
  target: Uint8Array,
): Expansion {
  target.fill(0);
  const rowSize = sparse.shape.slice(1).reduce((product, size) => product * size, 1);
  if (count === 0) return;
  const window = { start, stop: start + count, rowSize };
  if (sparse.layout.stype === 'row_sparse') yield* expandRows(sparse, sparse.layout.rows, window, target);
  else yield* expandCompressed(sparse, sparse.layout, window, target);
}

/** Elements of the dense form, `[start, stop)`. */
interface Window {
  readonly start: number;
  readonly stop: number;
  /** Elements of one row. */
  readonly rowSize: number;
}

function* expandRows(sparse: SparseValues, rows: IndexRun, window: Window, target: Uint8Array): Expansion {
  const { start, stop, rowSize } = window;
  const from = yield* lowerBound(rows, { from: 0, to: rows.count }, Math.floor(start / rowSize));
  const to = yield* lowerBound(rows, { from, to: rows.count }, Math.floor((stop - 1) / rowSize) + 1);
  if (to === from) return;
  const indices = indicesIn(rows, yield indexBytes(rows, from, to));
  const first = Math.max(start - (indices[0] ?? 0) * rowSize, 0);
  const last = Math.min(stop - (indices.at(-1) ?? 0) * rowSize, rowSize);
  const begin = from * rowSize + first;
  const values = yield elementBytes(sparse, begin, (to - 1) * rowSize + last);
  indices.forEach((row, i) => {
    const [rowStart, rowStop] = [Math.max(row * rowSize, start), Math.min((row + 1) * rowSize, stop)];
    const at = (from + i) * rowSize + (rowStart - row * rowSize) - begin;
    const bytes = values.subarray(at * sparse.itemsize, (at + rowStop - rowStart) * sparse.itemsize);
    target.set(bytes, (rowStart - start) * sparse.itemsize);
  });
}

function* expandCompressed(
  sparse: SparseValues,
  { indptr, columns }: Extract<SparseLayout, { readonly stype: 'csr' }>,
  { start, stop, rowSize }: Window,
  target: Uint8Array,
): Expansion {
  if (columns.count === 0) return;
  const firstRow = Math.floor(start / rowSize);
  const lastRow = Math.floor((stop - 1) / rowSize);
  const bounds = indicesIn(indptr, yield indexBytes(indptr, firstRow, lastRow + 2));
  const first = { from: bounds[0] ?? 0, to: bounds[1] ?? 0 };
  const from = yield* lowerBound(columns, first, start - firstRow * rowSize);
  const last = { from: Math.max(bounds.at(-2) ?? 0, from), to: bounds.at(-1) ?? 0 };
  const to = yield* lowerBound(columns, last, stop - lastRow * rowSize);
  if (to === from) return;
  const indices = indicesIn(columns, yield indexBytes(columns, from, to));
  const values = yield elementBytes(sparse, from, to);
  let row = 0;
  indices.forEach((column, i) => {
    while (from + i >= (bounds[row + 1] ?? 0)) row += 1;
    const at = ((firstRow + row) * rowSize + column - start) * sparse.itemsize;
    target.set(values.subarray(i * sparse.itemsize, (i + 1) * sparse.itemsize), at);
  });
}

/** The first position in `[from, to)` of an ascending run whose index is not below `wanted`. */
function* lowerBound(
  run: IndexRun,
  range: { readonly from: number; readonly to: number },
  wanted: number,
): Generator<WantedBytes, number, Uint8Array> {
  let { from, to } = range;
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    const [index = 0] = indicesIn(run, yield indexBytes(run, middle, middle + 1));
    if (index < wanted) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** Where the indices `[from, to)` of a run lie. */
export function indexBytes({ offset, dtype }: IndexRun, from: number, to: number): WantedBytes {
  const size = dtype === 'int64' ? 8 : 4;
  return { offset: offset + from * size, nbytes: (to - from) * size };
}

function elementBytes({ offset, itemsize }: SparseValues, from: number, to: number): WantedBytes {
  return { offset: offset + from * itemsize, nbytes: (to - from) * itemsize };
}

/** Indices as numbers; those beyond 2^53 lose bits, but stay out of every range that a tensor can have. */
export function indicesIn({ dtype }: Pick<IndexRun, 'dtype'>, bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const indices: number[] = [];
  if (dtype === 'int32') for (let at = 0; at < bytes.length; at += 4) indices.push(view.getInt32(at, true));
  else
    for (let at = 0; at < bytes.length; at += 8) {
      indices.push(view.getInt32(at + 4, true) * 2 ** 32 + view.getUint32(at, true));
    }
  return indices;
}
