import { InvalidArgumentError, ShapeMismatchError } from '../errors.ts';
import { dtypeInfo } from '../ndarray/dtype.ts';
import type { AxisRange } from '../ndarray/lazy-tensor.ts';
import { formatShape, type Shape } from '../ndarray/shape.ts';
import { parseSlice } from '../ndarray/slice.ts';
import type { NDArray } from './nd-array.ts';
import { complexShape, encodeLeaves, flattenValues, type NestedValues } from './nested.ts';

/** Writes `value`, broadcast and cast, into the elements of `target` that `slice` names. */
export function setElements(
  target: NDArray,
  value: NDArray | NestedValues,
  slice: string | readonly AxisRange[],
): void {
  const text = typeof slice === 'string' ? slice : sliceText(slice, target.shape);
  const { shape } = parseSlice(text, target.shape);
  const { runtime, dtype, device } = target;
  const isArray = typeof value === 'object' && 'runtime' in value;
  if (isArray) assertBroadcasts(value.shape, shape);
  const source = isArray ? runtime.cast(value, dtype, device) : fromValues(target, value, shape);
  runtime.invokeInto('slice_assign', [source], { attributes: { slice: text }, targets: [target] });
  source.dispose();
}

function fromValues(target: NDArray, values: NestedValues, region: Shape): NDArray {
  const { runtime, dtype, device } = target;
  const flat = flattenValues(values);
  const shape = dtypeInfo(dtype).kind === 'complex' ? complexShape(flat.shape) : flat.shape;
  assertBroadcasts(shape, region);
  const { bytes, ...encoded } = encodeLeaves(flat.leaves, dtype);
  const array = runtime.zeros({ shape, dtype, device });
  runtime.upload(array, { dtype: encoded.dtype, offset: 0, bytes });
  return array;
}

/** NumPy's text for one range per axis. @throws InvalidArgumentError for ranges outside of `shape`. */
function sliceText(ranges: readonly AxisRange[], shape: Shape): string {
  if (ranges.length !== shape.length) {
    throw new InvalidArgumentError(`A slice has a range per axis: ${shape.length}, got ${ranges.length}.`);
  }
  const parts = ranges.map(({ start, count, step }, axis) => {
    const size = shape[axis] ?? 0;
    const last = start + (count - 1) * step;
    const isInside = count === 0 || (start >= 0 && start < size && last >= 0 && last < size);
    if (![start, count, step].every(Number.isSafeInteger) || count < 0 || step === 0 || !isInside) {
      throw new InvalidArgumentError(
        `Axis ${axis} has ${size} elements: ${count} from ${start} in steps of ${step} are not among them.`,
      );
    }
    if (count === 0) return '0:0';
    const stop = last + Math.sign(step);
    return `${start}:${stop < 0 ? '' : stop}:${step}`;
  });
  return parts.join(',');
}

function assertBroadcasts(shape: Shape, region: Shape): void {
  const skipped = region.length - shape.length;
  // As NumPy, leading axes of size 1 are dropped where there are too many.
  const fits = shape.every((size, axis) => size === 1 || (axis + skipped >= 0 && size === region[axis + skipped]));
  if (fits && skipped >= 0) return;
  throw new ShapeMismatchError(
    `A value of shape ${formatShape(shape)} does not broadcast to the elements that are set, ${formatShape(region)}.`,
  );
}
