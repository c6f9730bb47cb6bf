import type { Device } from '../../../core/device/device.ts';
import type { NDArray } from '../../../core/device/nd-array.ts';
import type { DeviceRuntime } from '../../../core/device/runtime.ts';
import { type RowSparseNDArray, rowSparseArray } from '../../../core/device/sparse.ts';
import { bytesOf, openRuntime, place } from '../device/runtimes.ts';

export const runtime: DeviceRuntime = openRuntime();

/** A float32 array; a vector unless a shape is given. */
export function float32(
  values: readonly number[],
  { device = place(), shape = [values.length] }: { device?: Device; shape?: readonly number[] } = {},
): NDArray {
  return runtime.fromBytes({ dtype: 'float32', shape, device, bytes: bytesOf(Float32Array.from(values)) });
}

export function int64(values: readonly number[], device: Device = place()): NDArray {
  const bytes = bytesOf(BigInt64Array.from(values, (value) => BigInt(value)));
  return runtime.fromBytes({ dtype: 'int64', shape: [values.length], device, bytes });
}

/** Float32 rows of a matrix of `shape`. */
export function rowSparse(
  rows: Readonly<Record<number, readonly number[]>>,
  { shape, device = place() }: { shape: readonly [number, number]; device?: Device },
): RowSparseNDArray {
  const indices = Object.keys(rows).map(Number);
  const data = float32(Object.values(rows).flat(), { device, shape: [indices.length, shape[1]] });
  return rowSparseArray({ indices: int64(indices, device), data, shape });
}

/** The values of the dense form. */
export async function valuesOf(array: NDArray): Promise<number[]> {
  return Array.from(await array.data(), Number);
}

/** Which rows an array stores. */
export async function rowsOf(array: RowSparseNDArray): Promise<number[]> {
  const { indices } = await array.components();
  return Array.from(await indices.data(), Number);
}
