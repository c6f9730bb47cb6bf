import { DeviceMismatchError, DTypeMismatchError, InvalidArgumentError, ShapeMismatchError } from '../errors.ts';
import { bytesFor, type DType } from '../ndarray/dtype.ts';
import { elementCount, formatShape, type Shape } from '../ndarray/shape.ts';
import { type Device, formatDevices } from './device.ts';
import type { NDArray } from './nd-array.ts';

/** What the device runtime refuses before it enqueues anything. */

/** The device of all `arrays`; undefined where there are none. @throws DeviceMismatchError */
export function commonDevice(name: string, arrays: readonly NDArray[]): Device | undefined {
  const device = arrays[0]?.device;
  if (device && !arrays.every((array) => array.device.equals(device))) {
    const devices = formatDevices(arrays.map((array) => array.device));
    throw new DeviceMismatchError(`${name} takes arrays of one device, got ${devices}: copy them with copyTo first.`);
  }
  return device;
}

/** @throws ShapeMismatchError */
export function assertSameShape(a: NDArray, b: NDArray): void {
  if (a.shape.length === b.shape.length && a.shape.every((size, axis) => size === b.shape[axis])) return;
  throw new ShapeMismatchError(`Shapes differ: expected ${formatShape(a.shape)}, got ${formatShape(b.shape)}.`);
}

/** @throws ShapeMismatchError, DTypeMismatchError */
export function assertComparable(a: NDArray, b: NDArray): void {
  assertSameShape(a, b);
  if (a.dtype === b.dtype) return;
  throw new DTypeMismatchError(`Arrays of ${a.dtype} and ${b.dtype} are not compared: cast one with asType first.`);
}

/** @throws ShapeMismatchError where all elements, as storage of `dtype`, take other than `nbytes`. */
export function assertFills({ shape }: { readonly shape: Shape }, dtype: DType, nbytes: number): void {
  const expected = bytesFor(dtype, elementCount(shape));
  if (nbytes === expected) return;
  throw new ShapeMismatchError(`${formatShape(shape)} of ${dtype} takes ${expected} bytes, got ${nbytes}.`);
}

/** @throws InvalidArgumentError where the elements are not all in the array; `action` says what was to be done. */
export function assertRange(array: NDArray, start: number, count: number, action: () => string): void {
  const isRange =
    Number.isSafeInteger(start) &&
    Number.isSafeInteger(count) &&
    start >= 0 &&
    count >= 0 &&
    start + count <= array.size;
  if (!isRange) throw new InvalidArgumentError(action());
}
