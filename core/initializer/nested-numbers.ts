import type { Device } from '../device/device.ts';
import type { NDArray } from '../device/nd-array.ts';
import type { DeviceRuntime } from '../device/runtime.ts';
import { InvalidArgumentError } from '../errors.ts';
import type { Shape } from '../ndarray/shape.ts';

/** A number, or lists of them that are all of one length on each level. */
export type NestedNumbers = number | bigint | boolean | readonly NestedNumbers[];

export function isNestedNumbers(value: unknown): value is NestedNumbers {
  if (Array.isArray(value)) return value.every(isNestedNumbers);
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean';
}

/**
 * The values as an array on `device`: int64 where one of them is a bigint, else float64.
 *
 * @throws InvalidArgumentError where lists of one level differ in length.
 */
export function arrayOfNested(value: NestedNumbers, where: { runtime: DeviceRuntime; device: Device }): NDArray {
  const shape = shapeOf(value);
  const flat: (number | bigint | boolean)[] = [];
  flatten(value, shape, flat);
  const isBig = flat.some((item) => typeof item === 'bigint');
  const values = isBig ? BigInt64Array.from(flat, (item) => BigInt(item)) : Float64Array.from(flat, Number);
  const bytes = new Uint8Array(values.buffer);
  return where.runtime.fromBytes({ shape, dtype: isBig ? 'int64' : 'float64', device: where.device, bytes });
}

function shapeOf(value: NestedNumbers): Shape {
  const shape: number[] = [];
  for (let level: NestedNumbers | undefined = value; isList(level); level = level[0]) shape.push(level.length);
  return shape;
}

function flatten(value: NestedNumbers, shape: Shape, into: (number | bigint | boolean)[]): void {
  if (!isList(value)) {
    if (shape.length > 0) throw ragged();
    into.push(value);
    return;
  }
  if (value.length !== shape[0]) throw ragged();
  const rest = shape.slice(1);
  for (const item of value) flatten(item, rest, into);
}

function isList(value: NestedNumbers | undefined): value is readonly NestedNumbers[] {
  return Array.isArray(value);
}

function ragged(): InvalidArgumentError {
  return new InvalidArgumentError('The lists of a nested value must be of one length on each level.');
}
