import { ShapeMismatchError } from '../errors.ts';
import type { DType } from '../ndarray/dtype.ts';
import type { ArraySpec } from './array-requests.ts';
import { currentDevice, type Device } from './device.ts';
import type { NDArray } from './nd-array.ts';
import { SparseNDArray } from './sparse-array.ts';
import { SparseBuffer } from './sparse-buffer.ts';
import { assertHoldsSparse, head, makeAll, only, partOf } from './sparse-parts.ts';

/** What a row_sparse array stores, as arrays of the caller's own. */
export interface RowSparseComponents {
  /** int64, ascending: the rows that are stored. */
  readonly indices: NDArray;
  /** One row for each index. */
  readonly values: NDArray;
}

/**
 * Some rows of an array, all others being zero: embeddings and their gradients. After MXNet's
 * RowSparseNDArray. Parts: `indices`, `values`; both have room for more rows than are stored, where
 * only the device knows how many there are (indices -1, zero rows).
 */
export class RowSparseNDArray extends SparseNDArray {
  override get stype(): 'row_sparse' {
    return 'row_sparse';
  }

  get #indices(): NDArray {
    return partOf(this.live.parts, 0);
  }

  /** What is stored and nothing else. Waits for the device to say how many rows that is. */
  async components(): Promise<RowSparseComponents> {
    const held = this.detach();
    try {
      const [indices, { values }] = [this.#indices, this.live];
      const absent = (await indices.data()).findIndex((index) => index < 0);
      const count = absent < 0 ? indices.size : absent;
      const heads = makeAll([indices, values], (part) => head(part, count));
      return { indices: partOf(heads, 0), values: partOf(heads, 1) };
    } finally {
      held.dispose();
    }
  }

  /**
   * The distinct rows of `rowIds`, ascending, as an array of its own; those that are not stored are
   * zeros. Ids of any shape and real dtype, repeated and in any order, on this array's device; one that
   * is no row rejects the next read.
   */
  retain(rowIds: NDArray): RowSparseNDArray {
    const { shape, dtype, device } = this;
    const [rows = 0] = shape;
    const parts = this.runtime.invoke('sparse_retain', [this.#indices, this.live.values, rowIds], {
      attributes: { rows },
      outputs: rowSparseParts({ shape, dtype, device }, Math.min(rowIds.size, rows)),
    });
    return this.over(new SparseBuffer(this.buffer, parts));
  }

  override convert(dtype: DType, device: Device): RowSparseNDArray {
    return this.over(new SparseBuffer(this.buffer, this.partsAs(dtype, device)));
  }

  override accumulate(source: NDArray): void {
    const made: NDArray[] = [];
    try {
      const addend = asRows(source, this);
      made.push(addend);
      const sum = addRowSparse(this, addend);
      made.push(sum);
      this.assign(sum);
    } finally {
      for (const array of made) array.dispose();
    }
  }

  toDense(): NDArray {
    const { shape, dtype } = this;
    const outputs = [{ shape, dtype }];
    return only(this.runtime.invoke('row_sparse_to_dense', [this.#indices, this.live.values], { outputs }));
  }

  protected over(buffer: SparseBuffer): RowSparseNDArray {
    return new RowSparseNDArray(this.runtime, buffer);
  }

  protected emptyParts(spec: ArraySpec): readonly NDArray[] {
    return makeAll(rowSparseParts(spec, 0), (part) => this.runtime.zeros(part));
  }
}

/** The arrays for up to `capacity` stored rows. @throws ShapeMismatchError for a scalar, UnsupportedDTypeError on a gpu. */
export function rowSparseParts({ shape, dtype, device = currentDevice() }: ArraySpec, capacity: number): ArraySpec[] {
  assertHoldsSparse(device, 'row_sparse');
  if (shape.length === 0) throw new ShapeMismatchError('A row_sparse array needs rows, a scalar has none.');
  return [
    { shape: [capacity], dtype: 'int64', device },
    { shape: [capacity, ...shape.slice(1)], dtype, device },
  ];
}

/** @throws ShapeMismatchError for a scalar. */
export function denseToRowSparse(dense: NDArray): RowSparseNDArray {
  const { runtime, shape } = dense;
  const [rows = 0] = shape;
  const parts = runtime.invoke('dense_to_row_sparse', [dense], { outputs: rowSparseParts(dense, rows) });
  return new RowSparseNDArray(runtime, new SparseBuffer({ stype: 'row_sparse', shape }, parts));
}

function asRows(source: NDArray, { dtype, device }: Pick<NDArray, 'dtype' | 'device'>): RowSparseNDArray {
  if (source instanceof RowSparseNDArray) return source.convert(dtype, device);
  const dense = source.runtime.cast(source, dtype, device);
  try {
    return denseToRowSparse(dense);
  } finally {
    dense.dispose();
  }
}

/** The sum as a new array, whose dtype and device are those of the first. All have one shape, dtype and device. */
export function addRowSparse(first: RowSparseNDArray, ...others: readonly RowSparseNDArray[]): RowSparseNDArray {
  const { runtime, shape, dtype, device } = first;
  const inputs = [first, ...others].flatMap((array) => array.buffer.parts);
  const stored = [first, ...others].reduce((sum, array) => sum + partOf(array.buffer.parts, 0).size, 0);
  const outputs = rowSparseParts({ shape, dtype, device }, Math.min(stored, shape[0] ?? 0));
  const parts = runtime.invoke('row_sparse_add_n', inputs, { outputs });
  return new RowSparseNDArray(runtime, new SparseBuffer({ stype: 'row_sparse', shape }, parts));
}
