import { InvalidArgumentError, ShapeMismatchError } from '../errors.ts';
import { type DType, dtypeInfo, isDType } from '../ndarray/dtype.ts';
import { elementCount, formatShape, type Shape } from '../ndarray/shape.ts';
import { currentDevice, type Device } from './device.ts';
import type { NDArray, TypedArray } from './nd-array.ts';
import { complexShape, encodeLeaves, flattenValues, type NestedValues, usualDType } from './nested.ts';
import type { DeviceRuntime } from './runtime.ts';
import { sharedRuntime } from './shared-runtime.ts';

export interface ArrayOptions {
  /** float32 by default; for a typed array, its own. */
  readonly dtype?: DType | undefined;
  /** The current device by default. */
  readonly device?: Device | undefined;
  /** The process' shared runtime by default. */
  readonly runtime?: DeviceRuntime | undefined;
}

/**
 * A new array of `values`: lists in lists, one number, or a typed array (one axis, or those in `shape`).
 * Floats are rounded once, to nearest even; integers must be in range, 64-bit ones may be bigints;
 * complex numbers are `[re, im]`.
 *
 * @throws InvalidArgumentError for lists that fill no rectangle and values that the dtype does not have.
 */
export function array(
  values: NestedValues | TypedArray,
  options: ArrayOptions & { readonly shape?: Shape | undefined } = {},
): NDArray {
  const { dtype, device, runtime = sharedRuntime(), shape } = options;
  if (ArrayBuffer.isView(values)) return fromTyped(values, options);
  const flat = flattenValues(values);
  const wanted = checkDType(dtype ?? usualDType(flat.leaves));
  const found = dtypeInfo(wanted).kind === 'complex' ? complexShape(flat.shape) : flat.shape;
  if (shape && elementCount(shape) !== elementCount(found)) throw doesNotFill(found, shape);
  const encoded = encodeLeaves(flat.leaves, wanted);
  const made = runtime.zeros({ shape: shape ?? found, dtype: wanted, device });
  runtime.upload(made, { dtype: encoded.dtype, offset: 0, bytes: encoded.bytes });
  return made;
}

export function zeros(
  shape: Shape | number,
  { dtype = 'float32', device, runtime = sharedRuntime() }: ArrayOptions = {},
): NDArray {
  return runtime.zeros({ shape: checkShape(shape), dtype: checkDType(dtype), device });
}

export function ones(shape: Shape | number, options: ArrayOptions = {}): NDArray {
  return full(shape, 1, options);
}

/** Every element `value`, rounded to the dtype; integers saturate. */
export function full(
  shape: Shape | number,
  value: number | bigint,
  { dtype = 'float32', device = currentDevice(), runtime = sharedRuntime() }: ArrayOptions = {},
): NDArray {
  return only(
    runtime.invoke('full', [], {
      attributes: { value },
      outputs: [{ shape: checkShape(shape), dtype: checkDType(dtype), device }],
    }),
  );
}

/**
 * `start`, `start + step`, … before `stop`, computed in float64 and rounded to the dtype. With null for
 * `stop`, from 0 to `start`. @throws InvalidArgumentError for a step of 0.
 */
export function arange(
  start: number,
  stop: number | null = null,
  step = 1,
  { dtype = 'float32', device = currentDevice(), runtime = sharedRuntime() }: ArrayOptions = {},
): NDArray {
  const [first, end] = stop === null ? [0, start] : [start, stop];
  const count = Math.max(0, Math.ceil((end - first) / step));
  if (step === 0 || !Number.isSafeInteger(count)) {
    throw new InvalidArgumentError(`arange from ${first} to ${end} in steps of ${step} has no end.`);
  }
  return only(
    runtime.invoke('arange', [], {
      attributes: { start: first, step },
      outputs: [{ shape: [count], dtype: checkDType(dtype), device }],
    }),
  );
}

function fromTyped(
  values: TypedArray,
  { dtype, device, runtime = sharedRuntime(), shape }: ArrayOptions & { readonly shape?: Shape | undefined },
): NDArray {
  const own = dtypeOfTyped(values);
  const wanted = checkDType(dtype ?? own);
  const sizes = shape ?? [values.length];
  if (elementCount(sizes) !== values.length) throw doesNotFill([values.length], sizes);
  const made = runtime.zeros({ shape: sizes, dtype: wanted, device });
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();
  runtime.upload(made, { dtype: own, offset: 0, bytes });
  return made;
}

function dtypeOfTyped(values: TypedArray): DType {
  if (values instanceof Float32Array) return 'float32';
  if (values instanceof Float64Array) return 'float64';
  if (values instanceof Int32Array) return 'int32';
  if (values instanceof Uint32Array) return 'uint32';
  if (values instanceof Int16Array) return 'int16';
  if (values instanceof Uint16Array) return 'uint16';
  if (values instanceof Int8Array) return 'int8';
  if (values instanceof Uint8Array) return 'uint8';
  return values instanceof BigInt64Array ? 'int64' : 'uint64';
}

function checkShape(shape: Shape | number): Shape {
  const sizes = typeof shape === 'number' ? [shape] : shape;
  if (sizes.every((size) => Number.isSafeInteger(size) && size >= 0)) return sizes;
  throw new InvalidArgumentError(`Sizes are whole and not negative, got ${formatShape(sizes)}.`);
}

function checkDType(dtype: string): DType {
  if (isDType(dtype)) return dtype;
  throw new InvalidArgumentError(`There is no dtype called ${JSON.stringify(dtype)}.`);
}

function doesNotFill(found: Shape, wanted: Shape): ShapeMismatchError {
  return new ShapeMismatchError(
    `Values of shape ${formatShape(found)} do not fill an array of shape ${formatShape(wanted)}.`,
  );
}

function only([made]: readonly NDArray[]): NDArray {
  if (made) return made;
  throw new InvalidArgumentError('The device made no array.');
}
