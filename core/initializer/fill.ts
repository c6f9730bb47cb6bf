import { NDArray } from '../device/nd-array.ts';
import { InvalidArgumentError, ShapeMismatchError, UnsupportedDTypeError } from '../errors.ts';
import { dtypeInfo } from '../ndarray/dtype.ts';
import { formatShape, type Shape } from '../ndarray/shape.ts';
import type { InitDesc } from './init-desc.ts';
import { arrayOfNested, type NestedNumbers } from './nested-numbers.ts';
import { nextDraw } from './random-stream.ts';

/** The ways in which initializers write arrays, each one op on the array's device. */

/** Every element becomes `value`, rounded to the array's dtype. */
export function fillWith(array: NDArray, value: number | bigint): void {
  if (Object.is(value, 0)) array.runtime.zero(array);
  else array.runtime.invokeInto('full', [], { attributes: { value }, targets: [array] });
}

/**
 * `value` broadcast to the shape of `array` and cast to its dtype.
 *
 * @throws ShapeMismatchError where the shapes do not broadcast.
 */
export function fillFrom(desc: InitDesc | string, array: NDArray, value: NestedNumbers | NDArray): void {
  const { runtime, device } = array;
  const made: NDArray[] = [];
  const make = (part: NDArray): NDArray => {
    made.push(part);
    return part;
  };
  try {
    let source = value instanceof NDArray ? value : make(arrayOfNested(value, { runtime, device }));
    assertBroadcasts(desc, source.shape, array.shape);
    if (source.stype !== 'default') source = make(source.toStype('default'));
    if (!source.device.equals(device)) source = make(source.copyTo(device));
    if (formatShape(source.shape) === formatShape(array.shape)) runtime.assign(array, source);
    else runtime.invokeInto('assign_broadcast', [source], { targets: [array] });
  } finally {
    // What was made here is not needed once the op is enqueued.
    for (const part of made) part.dispose();
  }
}

/** Uniform in [`low`, `high`) for every storage dtype: rounding leads to no value outside. `start` is the first element's place in the draw. */
export function fillUniform(
  desc: InitDesc | string,
  array: NDArray,
  { start = 0, ...range }: { readonly low: number; readonly high: number; readonly start?: number },
): void {
  assertFloat(desc, array);
  if (array.size === 0) return;
  if (!Number.isFinite(range.low) || !Number.isFinite(range.high) || range.low > range.high) {
    throw new InvalidArgumentError(
      `The range of the uniform values for ${desc} must be finite and ascend, got [${range.low}, ${range.high}).`,
    );
  }
  array.runtime.invokeInto('random_uniform', [], { attributes: { ...range, start, ...nextDraw() }, targets: [array] });
}

/** Normal with standard deviation `sigma` around 0; `start` as for `fillUniform`. */
export function fillNormal(
  desc: InitDesc | string,
  array: NDArray,
  { sigma, start = 0 }: { readonly sigma: number; readonly start?: number },
): void {
  assertFloat(desc, array);
  if (array.size === 0) return;
  if (!Number.isFinite(sigma) || sigma < 0) {
    throw new InvalidArgumentError(`The standard deviation for ${desc} must be finite and not negative, got ${sigma}.`);
  }
  array.runtime.invokeInto('random_normal', [], { attributes: { sigma, start, ...nextDraw() }, targets: [array] });
}

/** Every element becomes the same random integer in [-127, 127). */
export function fillQuantized(array: NDArray): void {
  const attributes = { low: -127, high: 127, ...nextDraw() };
  array.runtime.invokeInto('random_integer', [], { attributes, targets: [array] });
}

/** The kernel of bilinear upsampling over the last two axes. @throws ShapeMismatchError below 4 dimensions. */
export function fillBilinear(desc: InitDesc | string, array: NDArray): void {
  if (array.shape.length < 4) {
    throw new ShapeMismatchError(
      `Bilinear initializer cannot be applied to ${desc} of shape ${formatShape(array.shape)}. It requires 4D.`,
    );
  }
  array.runtime.invokeInto('bilinear', [], { targets: [array] });
}

/** Random initializers draw floats only, as MXNet's. @throws UnsupportedDTypeError */
export function assertFloat(desc: InitDesc | string, { dtype }: NDArray): void {
  // float8_e8m0fnu holds powers of two only, neither 0 nor anything negative.
  if (dtypeInfo(dtype).kind === 'float' && dtype !== 'float8_e8m0fnu') return;
  throw new UnsupportedDTypeError(
    `Random initializers cannot set ${desc}, whose dtype is ${dtype}: initialize it as a float and cast it, or use a constant.`,
    { dtype },
  );
}

function assertBroadcasts(desc: InitDesc | string, from: Shape, to: Shape): void {
  const lead = to.length - from.length;
  if (lead >= 0 && from.every((size, axis) => size === 1 || size === to[axis + lead])) return;
  throw new ShapeMismatchError(
    `A value of shape ${formatShape(from)} cannot be broadcast to ${desc}, whose shape is ${formatShape(to)}.`,
  );
}

/** Consecutive elements of a flat array. */
export interface Range {
  readonly start: number;
  readonly count: number;
}

/** The elements of `range` become `value`, rounded to the array's dtype. */
export function fillRange(array: NDArray, range: Range, value: number): void {
  fillParts(array, [{ ...range, fill: (part) => fillWith(part, value) }]);
}

/** Each range becomes what its `fill` makes of a vector of zeros. Where one throws, nothing is changed. */
export function fillParts(array: NDArray, parts: readonly (Range & { fill(part: NDArray): void })[]): void {
  const { runtime, dtype, device } = array;
  const made: { readonly part: NDArray; readonly offset: number }[] = [];
  try {
    for (const { start, count, fill } of parts) {
      const part = runtime.zeros({ shape: [count], dtype, device });
      made.push({ part, offset: start });
      fill(part);
    }
    for (const { part, offset } of made) {
      runtime.invokeInto('assign_range', [part], { attributes: { offset }, targets: [array] });
    }
  } finally {
    for (const { part } of made) part.dispose();
  }
}
