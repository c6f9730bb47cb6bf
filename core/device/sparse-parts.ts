import { InvalidStateError, UnsupportedDTypeError } from '../errors.ts';
import type { StorageType } from '../ndarray/storage-type.ts';
import type { Device } from './device.ts';
import type { NDArray } from './nd-array.ts';

/** The arrays that a sparse array is made of. */

export function partOf(parts: readonly NDArray[], index: number): NDArray {
  const part = parts[index];
  if (!part) throw new InvalidStateError(`A sparse array lacks its part ${index}.`);
  return part;
}

/** @throws UnsupportedDTypeError on gpus: the indices of sparse arrays are int64. */
export function assertHoldsSparse(device: Device, stype: StorageType): void {
  if (device.type === 'cpu') return;
  throw new UnsupportedDTypeError(
    `${device} cannot hold a ${stype} array, whose indices are int64: keep it on cpu(0), or convert it with toStype('default') first.`,
    { device: device.toString(), stype },
  );
}

/** The one result of a kernel that has one. */
export function only(results: readonly NDArray[]): NDArray {
  return partOf(results, 0);
}

/** The first `count` elements or rows, as an array of its own. */
export function head(part: NDArray, count: number): NDArray {
  const outputs = [{ shape: [count, ...part.shape.slice(1)], dtype: part.dtype }];
  return only(part.runtime.invoke('sparse_head', [part], { outputs }));
}

/** Makes one array per item; where one fails, those already made are freed and the error passes on. */
export function makeAll<T>(items: readonly T[], make: (item: T) => NDArray): NDArray[] {
  const made: NDArray[] = [];
  try {
    for (const item of items) made.push(make(item));
    return made;
  } catch (error) {
    for (const array of made) array.dispose();
    throw error;
  }
}
