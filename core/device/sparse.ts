import { ShapeMismatchError } from '../errors.ts';
import type { DType } from '../ndarray/dtype.ts';
import { formatShape, type Shape } from '../ndarray/shape.ts';
import type { StorageType } from '../ndarray/storage-type.ts';
import type { ArraySpec } from './array-requests.ts';
import type { Device } from './device.ts';
import type { NDArray } from './nd-array.ts';
import type { DeviceRuntime } from './runtime.ts';
import { SparseNDArray } from './sparse-array.ts';
import { SparseBuffer } from './sparse-buffer.ts';
import { CSRNDArray, csrParts, denseToCSR } from './sparse-csr.ts';
import { makeAll } from './sparse-parts.ts';
import { denseToRowSparse, RowSparseNDArray, rowSparseParts } from './sparse-rows.ts';

export { SparseNDArray } from './sparse-array.ts';
export { type CSRComponents, CSRNDArray } from './sparse-csr.ts';
export { addRowSparse, type RowSparseComponents, RowSparseNDArray } from './sparse-rows.ts';

/**
 * A row_sparse array of `shape` that has copies of the rows `data` at `indices`, one-dimensional and of
 * any integer dtype. Indices that do not ascend within the shape reject the next read.
 *
 * @throws ShapeMismatchError where `data` is not one row for each index.
 */
export function rowSparseArray(parts: { indices: NDArray; data: NDArray; shape: Shape }): RowSparseNDArray {
  const { indices, data, shape } = parts;
  const [rows = 0] = shape;
  const [, stored] = rowSparseParts({ shape, dtype: data.dtype, device: data.device }, indices.size);
  expectShape('indices of a row_sparse array', indices, [indices.size]);
  expectShape('data of a row_sparse array', data, stored?.shape ?? []);
  const { runtime } = data;
  const checked = runtime.invoke('sparse_indices', [indices], {
    attributes: { size: rows },
    outputs: [{ shape: [indices.size], dtype: 'int64' }],
  });
  return new RowSparseNDArray(runtime, new SparseBuffer({ stype: 'row_sparse', shape }, withCopyOf(data, checked)));
}

/**
 * A csr matrix of `shape`: row `i` has the values `data[indptr[i]]` to `data[indptr[i + 1] - 1]` at the
 * columns `indices` says. Index arrays of any integer dtype; what is no csr rejects the next read.
 *
 * @throws ShapeMismatchError where the lengths do not fit.
 */
export function csrArray(parts: { indptr: NDArray; indices: NDArray; data: NDArray; shape: Shape }): CSRNDArray {
  const { indptr, indices, data, shape } = parts;
  const outputs = csrParts({ shape, dtype: data.dtype, device: data.device }, data.size).slice(0, 2);
  expectShape('indptr of a csr array', indptr, outputs[0]?.shape ?? []);
  expectShape('indices of a csr array', indices, [data.size]);
  expectShape('data of a csr array', data, [data.size]);
  const checked = data.runtime.invoke('csr_indices', [indptr, indices], {
    attributes: { columns: shape[1] ?? 0 },
    outputs,
  });
  const buffer = new SparseBuffer({ stype: 'csr', shape }, withCopyOf(data, checked));
  return new CSRNDArray(data.runtime, buffer);
}

/** Zeros in any storage type; sparse ones store nothing. @throws as `DeviceRuntime.zeros`, ShapeMismatchError. */
export function zerosOf(runtime: DeviceRuntime, spec: ArraySpec & { readonly stype: StorageType }): NDArray {
  const { stype, shape } = spec;
  switch (stype) {
    case 'default':
      return runtime.zeros(spec);
    case 'row_sparse': {
      const parts = makeAll(rowSparseParts(spec, 0), (part) => runtime.zeros(part));
      return new RowSparseNDArray(runtime, new SparseBuffer({ stype, shape }, parts));
    }
    case 'csr': {
      const parts = makeAll(csrParts(spec, 0), (part) => runtime.zeros(part));
      return new CSRNDArray(runtime, new SparseBuffer({ stype, shape }, parts));
    }
  }
}

/** A dense array in another storage type, or a copy of it. */
export function storageCast(dense: NDArray, stype: StorageType): NDArray {
  switch (stype) {
    case 'default':
      return dense.copyTo(dense.device);
    case 'row_sparse':
      return denseToRowSparse(dense);
    case 'csr':
      return denseToCSR(dense);
  }
}

/** Writes `source` into `target` in place, cast to its dtype and storage type. @throws ShapeMismatchError */
export function assignArray(target: NDArray, source: NDArray): void {
  if (target instanceof SparseNDArray) {
    target.assign(source);
  } else if (source instanceof SparseNDArray) {
    const dense = source.toDense();
    try {
      target.runtime.assign(target, dense);
    } finally {
      dense.dispose();
    }
  } else {
    target.runtime.assign(target, source);
  }
}

export interface ArrayForm {
  readonly dtype: DType;
  readonly device: Device;
  readonly stype: StorageType;
}

/** A new array with the values of `source` in another form; nothing is recorded. */
export function convertArray(source: NDArray, { dtype, device, stype }: ArrayForm): NDArray {
  const stored = source.stype === stype ? source : source.toStype(stype);
  try {
    return stored instanceof SparseNDArray ? stored.convert(dtype, device) : stored.runtime.cast(stored, dtype, device);
  } finally {
    if (stored !== source) stored.dispose();
  }
}

/** Sets every element to zero, in place. */
export function clearArray(target: NDArray): void {
  if (target instanceof SparseNDArray) target.clear();
  else target.runtime.zero(target);
}

/** `indices` and then a copy of the values; where there is no memory for it, the indices are freed. */
function withCopyOf(data: NDArray, indices: readonly NDArray[]): NDArray[] {
  try {
    return [...indices, data.runtime.cast(data, data.dtype, data.device)];
  } catch (error) {
    for (const array of indices) array.dispose();
    throw error;
  }
}

function expectShape(what: string, array: NDArray, expected: Shape): void {
  if (formatShape(array.shape) === formatShape(expected)) return;
  throw new ShapeMismatchError(
    `The ${what} have shape ${formatShape(array.shape)}, expected ${formatShape(expected)}.`,
  );
}
