import { InvalidArgumentError, UnsupportedDTypeError } from '../errors.ts';
import { type DType, dtypeInfo } from '../ndarray/dtype.ts';
import { formatShape, type Shape, stridesOf } from '../ndarray/shape.ts';
import type { TypedArray } from './nd-array.ts';

/** Values as lists in lists, one level per axis; a scalar stands alone. Complex numbers are lists of two. */
export type NestedValues = number | bigint | boolean | readonly NestedValues[];

type Leaf = number | bigint | boolean;

export interface FlatValues {
  readonly leaves: readonly Leaf[];
  readonly shape: Shape;
}

/** @throws InvalidArgumentError for lists of different lengths side by side. */
export function flattenValues(values: NestedValues): FlatValues {
  const shape: number[] = [];
  for (let level = values; isList(level); level = level[0] ?? 0) {
    shape.push(level.length);
    if (level.length === 0) break;
  }
  const leaves: Leaf[] = [];
  const collect = (value: NestedValues, axis: number): void => {
    if (!isList(value)) {
      if (axis !== shape.length) throw ragged(shape, axis, 'a number');
      leaves.push(value);
      return;
    }
    if (axis >= shape.length || value.length !== shape[axis]) throw ragged(shape, axis, `a list of ${value.length}`);
    for (const item of value) collect(item, axis + 1);
  };
  collect(values, 0);
  return { leaves, shape };
}

/**
 * Storage bytes of `leaves` in a dtype that holds them exactly: the integers' own, float64 for floats
 * of any width, complex128 for complex ones.
 *
 * @throws InvalidArgumentError for a value that `dtype` does not have.
 */
export function encodeLeaves(
  leaves: readonly Leaf[],
  dtype: DType,
): { readonly dtype: DType; readonly bytes: Uint8Array } {
  const { kind, bits } = dtypeInfo(dtype);
  switch (kind) {
    case 'bool':
      return { dtype, bytes: Uint8Array.from(leaves, (leaf) => (Number(leaf) === 0 ? 0 : 1)) };
    case 'int':
    case 'uint':
      return { dtype, bytes: integerBytes(leaves, dtype) };
    case 'float':
      return { dtype: 'float64', bytes: bytesOf(Float64Array.from(leaves, numberLeaf)) };
    case 'complex':
      return bits === 128
        ? { dtype, bytes: bytesOf(Float64Array.from(leaves, numberLeaf)) }
        : { dtype, bytes: bytesOf(Float32Array.from(leaves, numberLeaf)) };
    case 'quantized':
      throw new UnsupportedDTypeError(`Numbers cannot be given in ${dtype}, which is stored in blocks: take float32.`, {
        dtype,
      });
  }
}

/** The lists in lists of `shape` with the elements of `data`, as `NDArray.data` gives them. */
export function nestValues(data: TypedArray, dtype: DType, shape: Shape): NestedValues {
  const { kind } = dtypeInfo(dtype);
  const full = kind === 'complex' ? [...shape, 2] : shape;
  const strides = stridesOf(full);
  const build = (axis: number, start: number): NestedValues => {
    if (axis === full.length) return kind === 'bool' ? data[start] !== 0 : (data[start] ?? 0);
    const step = strides[axis] ?? 0;
    return Array.from({ length: full[axis] ?? 0 }, (_, i) => build(axis + 1, start + i * step));
  };
  return build(0, 0);
}

/** The dtype of a list whose dtype nobody named: MXNet's float32 but for truth values and bigints. */
export function usualDType(leaves: readonly Leaf[]): DType {
  if (leaves.length > 0 && leaves.every((leaf) => typeof leaf === 'boolean')) return 'bool';
  return leaves.length > 0 && leaves.every((leaf) => typeof leaf === 'bigint') ? 'int64' : 'float32';
}

/** Takes the innermost axis of pairs off the shape of complex values. @throws InvalidArgumentError */
export function complexShape(shape: Shape): Shape {
  if (shape.at(-1) === 2) return shape.slice(0, -1);
  throw new InvalidArgumentError(
    `Complex numbers are given as [re, im], but the innermost lists of the shape ${formatShape(shape)} do not have two values.`,
  );
}

function integerBytes(leaves: readonly Leaf[], dtype: DType): Uint8Array {
  const { kind, bits } = dtypeInfo(dtype);
  const width = BigInt(bits);
  const [low, high] = kind === 'uint' ? [0n, 2n ** width - 1n] : [-(2n ** (width - 1n)), 2n ** (width - 1n) - 1n];
  const size = bits / 8;
  const bytes = new Uint8Array(leaves.length * size);
  const view = new DataView(bytes.buffer);
  leaves.forEach((leaf, i) => {
    if (typeof leaf === 'number' && !Number.isInteger(leaf)) throw notIn(leaf, dtype, [low, high]);
    const value = BigInt(leaf);
    if (value < low || value > high) throw notIn(leaf, dtype, [low, high]);
    if (size === 8) view.setBigUint64(i * 8, BigInt.asUintN(64, value), true);
    else if (size === 4) view.setUint32(i * 4, Number(BigInt.asUintN(32, value)), true);
    else if (size === 2) view.setUint16(i * 2, Number(BigInt.asUintN(16, value)), true);
    else view.setUint8(i, Number(BigInt.asUintN(8, value)));
  });
  return bytes;
}

function numberLeaf(leaf: Leaf): number {
  return Number(leaf);
}

function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

function isList(values: NestedValues): values is readonly NestedValues[] {
  return Array.isArray(values);
}

function ragged(shape: Shape, axis: number, found: string): InvalidArgumentError {
  const expected = axis < shape.length ? `a list of ${shape[axis]}` : 'a number';
  return new InvalidArgumentError(
    `The values do not fill a rectangle: expected ${expected} ${axis} lists deep (shape ${formatShape(shape)}), got ${found}.`,
  );
}

function notIn(leaf: Leaf, dtype: DType, [low, high]: readonly [bigint, bigint]): InvalidArgumentError {
  return new InvalidArgumentError(`${leaf} is no ${dtype}: that takes whole numbers from ${low} to ${high}.`);
}
