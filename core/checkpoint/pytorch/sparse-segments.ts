import { CheckpointFormatError, OutOfMemoryError } from '../../errors.ts';
import { elementCount, type Shape, stridesOf } from '../../ndarray/shape.ts';
import type { CollectedPart } from './borrowed-job.ts';
import type { CompressedLayout } from './tensor.ts';

/** Runs of stored values: the k-th begins at element `starts[k]` of the dense form and has `length` elements. */
export interface Segments {
  readonly starts: Float64Array;
  readonly length: number;
}

/** 512 MiB of starts. */
const MAX_SEGMENTS = 64 * 1024 * 1024;

/** Of a COO tensor: one run for each column of the indices (torch.sparse_coo_tensor). */
export function coordinateSegments(indices: CollectedPart, values: Shape, shape: Shape): Segments {
  const [axes = 0, count = 0] = indices.shape;
  if (indices.shape.length !== 2 || axes > shape.length || values[0] !== count) {
    return malformed('its indices and values do not belong together');
  }
  const length = elementCount(shape.slice(axes));
  if (elementCount(values.slice(1)) !== length) return malformed('its values have another shape than its dense axes');
  const read = indexReader(indices);
  const strides = stridesOf(shape);
  const starts = newStarts(count);
  for (let axis = 0; axis < axes; axis++) {
    const size = shape[axis] ?? 0;
    const stride = strides[axis] ?? 0;
    for (let k = 0; k < count; k++) {
      const index = read(axis * count + k);
      if (index < 0 || index >= size)
        return malformed(`index ${index} is out of range for axis ${axis} of size ${size}`);
      starts[k] = (starts[k] ?? 0) + index * stride;
    }
  }
  return { starts, length };
}

interface CompressedParts {
  readonly layout: CompressedLayout;
  readonly pointers: CollectedPart;
  readonly plain: CollectedPart;
  readonly values: Shape;
  readonly shape: Shape;
}

/** How the matrix, or each of a batch of them, is divided. */
interface Grid {
  readonly batches: number;
  /** Pointers of each batch, less one; and stored blocks of each. */
  readonly lines: number;
  readonly stored: number;
  readonly block: readonly [rows: number, columns: number];
  readonly byRow: boolean;
  readonly rows: number;
  readonly columns: number;
  /** Elements at each place of the matrix: those of its dense axes. */
  readonly inner: number;
}

/** Of CSR, CSC, BSR and BSC tensors: one run for each row of each stored block (torch.sparse_compressed_tensor). */
export function compressedSegments(parts: CompressedParts): Segments {
  const grid = gridOf(parts);
  const { batches, lines, stored, block, inner } = grid;
  const [blockRows, blockColumns] = block;
  const pointer = indexReader(parts.pointers);
  const plain = indexReader(parts.plain);
  const starts = newStarts(batches * stored * blockRows);
  const crossing = (grid.byRow ? grid.columns / blockColumns : grid.rows / blockRows) || 0;
  for (let batch = 0; batch < batches; batch++) {
    if (pointer(batch * (lines + 1)) !== 0 || pointer(batch * (lines + 1) + lines) !== stored) {
      return malformed('its pointers do not span its stored values');
    }
    for (let line = 0; line < lines; line++) {
      const [from, to] = [pointer(batch * (lines + 1) + line), pointer(batch * (lines + 1) + line + 1)];
      if (from < 0 || to < from || to > stored) return malformed(`its pointers ${from} and ${to} are out of order`);
      for (let k = from; k < to; k++) {
        const other = plain(batch * stored + k);
        if (other < 0 || other >= crossing) return malformed(`index ${other} is out of range for ${crossing}`);
        const [row, column] = grid.byRow ? [line, other] : [other, line];
        const first = (batch * grid.rows + row * blockRows) * grid.columns + column * blockColumns;
        for (let r = 0; r < blockRows; r++) {
          starts[(batch * stored + k) * blockRows + r] = (first + r * grid.columns) * inner;
        }
      }
    }
  }
  return { starts, length: blockColumns * inner };
}

function gridOf({ layout, pointers, plain, values, shape }: CompressedParts): Grid {
  const batchAxes = pointers.shape.length - 1;
  const [rows = 0, columns = 0] = shape.slice(batchAxes, batchAxes + 2);
  const blocked = layout === 'sparse_bsr' || layout === 'sparse_bsc';
  const byRow = layout === 'sparse_csr' || layout === 'sparse_bsr';
  const batches = elementCount(shape.slice(0, Math.max(batchAxes, 0)));
  const stored = plain.shape[batchAxes] ?? 0;
  const block = blocked ? ([values[batchAxes + 1] ?? 0, values[batchAxes + 2] ?? 0] as const) : ([1, 1] as const);
  const lines = (pointers.shape[batchAxes] ?? 0) - 1;
  const inner = elementCount(shape.slice(batchAxes + 2));
  const along = byRow ? rows / block[0] : columns / block[1];
  const agree =
    batchAxes >= 0 &&
    shape.length >= batchAxes + 2 &&
    (lines === along || (stored === 0 && lines >= 0)) &&
    elementCount(plain.shape) === batches * stored &&
    elementCount(pointers.shape) === batches * (lines + 1) &&
    elementCount(values) === batches * stored * block[0] * block[1] * inner;
  if (!agree) return malformed('its pointers, indices, values and shape do not belong together');
  return { batches, lines, stored, block, byRow, rows, columns, inner };
}

function newStarts(count: number): Float64Array {
  if (count > MAX_SEGMENTS) {
    throw new OutOfMemoryError(
      `A sparse tensor of ${count} stored runs is too large to be unpacked (${MAX_SEGMENTS}).`,
    );
  }
  return new Float64Array(count);
}

function indexReader({ dtype, bytes }: CollectedPart): (at: number) => number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (dtype === 'int32') return (at) => view.getInt32(4 * at, true);
  return (at) => view.getInt32(8 * at + 4, true) * 2 ** 32 + view.getUint32(8 * at, true);
}

function malformed(problem: string): never {
  throw new CheckpointFormatError(`A sparse tensor is malformed: ${problem}.`);
}
