import type { Device } from '../device/device.ts';
import type { NDArray } from '../device/nd-array.ts';
import { addRowSparse, convertArray, RowSparseNDArray } from '../device/sparse.ts';
import { InvalidArgumentError, ShapeMismatchError } from '../errors.ts';
import { formatShape } from '../ndarray/shape.ts';

/** Arrays as a KVStore handles them, dense or row_sparse. */

/**
 * The sum as a new array on the device of the first; row_sparse where all are.
 *
 * @throws InvalidArgumentError for no arrays, ShapeMismatchError where shapes differ.
 */
export function sumOnFirst(values: readonly NDArray[]): NDArray {
  const [first] = values;
  if (!first) throw new InvalidArgumentError('The sum of no arrays is undefined.');
  for (const value of values) assertLike(first, value);
  if (values.length === 1) return copyOn(first, first.device);
  const local = values.map((value) =>
    value.device.equals(first.device) ? value.detach() : copyOn(value, first.device),
  );
  try {
    return sumLocal(local);
  } finally {
    for (const value of local) value.dispose();
  }
}

/** A new array. Where autograd records it is no part of the graph, unlike what `copyTo` gives. */
export function copyOn(array: NDArray, device: Device): NDArray {
  return convertArray(array, { dtype: array.dtype, stype: array.stype, device });
}

/** Calls `use` with `array` itself where it is on `device`, else with a copy that is freed after it. */
export function onDevice<T>(array: NDArray, device: Device, use: (local: NDArray) => T): T {
  if (array.device.equals(device)) return use(array);
  const copy = copyOn(array, device);
  try {
    return use(copy);
  } finally {
    copy.dispose();
  }
}

/** The indices of arrays that are known to store every row; a write replaces the indices. */
const complete = new WeakSet<NDArray>();

/** An array that stores every row, zeros too, so that its values are the dense form: itself, or a new one. */
export function withAllRows(array: RowSparseNDArray): RowSparseNDArray {
  const [indices] = array.buffer.parts;
  if (indices && complete.has(indices)) return array;
  const [rows = 0] = array.shape;
  const { runtime, device } = array;
  const ids = runtime.invoke('row_range', [], { outputs: [{ shape: [rows], dtype: 'int64', device }] });
  const [all] = ids;
  if (!all) throw new InvalidArgumentError('A row_sparse array needs rows.');
  const filled = array.retain(all);
  all.dispose();
  const [filledIndices] = filled.buffer.parts;
  if (filledIndices) complete.add(filledIndices);
  return filled;
}

function sumLocal(values: readonly NDArray[]): NDArray {
  const sparse = values.filter((value) => value instanceof RowSparseNDArray);
  const [firstSparse, ...rest] = sparse;
  if (firstSparse && sparse.length === values.length) return addRowSparse(firstSparse, ...rest);
  const dense = values.map((value) => (value.stype === 'default' ? value.detach() : value.toStype('default')));
  const [first] = dense;
  const [sum] = first
    ? first.runtime.invoke('add_n', dense, { outputs: [{ shape: first.shape, dtype: first.dtype }] })
    : [];
  for (const value of dense) value.dispose();
  if (!sum) throw new InvalidArgumentError('The sum of no arrays is undefined.');
  return sum;
}

function assertLike(first: NDArray, value: NDArray): void {
  if (formatShape(first.shape) === formatShape(value.shape) && first.dtype === value.dtype) return;
  throw new ShapeMismatchError(
    `A KVStore sums arrays of one shape and dtype, got ${formatShape(first.shape)} of ${first.dtype} and ${formatShape(value.shape)} of ${value.dtype}.`,
  );
}
