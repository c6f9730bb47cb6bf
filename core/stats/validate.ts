import { InvalidArgumentError, ShapeMismatchError, UnsupportedDTypeError } from '../errors.ts';
import {
  bytesFor,
  type DType,
  dtypeInfo,
  groupElements,
  isPacked,
  isQuantizable,
  isQuantized,
} from '../ndarray/dtype.ts';
import type { AxisRange, LazyTensor, TensorStep } from '../ndarray/lazy-tensor.ts';
import { elementCount, formatShape, type Shape } from '../ndarray/shape.ts';
import type { HistogramRequest, Tolerance } from './engine.ts';
import { MAX_BINS } from './histogram.ts';

/** What the engine refuses before any worker hears of it. */

export const MAX_READ_BYTES = 64 * 2 ** 20;
export const MAX_CELLS = 1_048_576;

function isIndex(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

export function checkRanges(ranges: readonly AxisRange[], shape: Shape): void {
  if (ranges.length !== shape.length) {
    throw new InvalidArgumentError(
      `A slice of ${ranges.length} axes was asked of a tensor of shape ${formatShape(shape)}: give one range per axis.`,
    );
  }
  ranges.forEach(({ start, count, step }, axis) => {
    const size = shape[axis] ?? 0;
    const last = start + (count - 1) * step;
    const inside = count === 0 || (isIndex(start) && start < size && isIndex(last) && last < size);
    if (isIndex(count) && Number.isSafeInteger(step) && step !== 0 && inside) return;
    throw new InvalidArgumentError(
      `Axis ${axis} of size ${size} has no ${count} indices from ${start} in steps of ${step}.`,
      { axis, size, start, count, step },
    );
  });
}

function base64Bytes(text: string): number {
  return Buffer.byteLength(text, 'base64');
}

/** A block lies in one row. */
function checkRows(dtype: DType, shape: Shape): void {
  const group = groupElements(dtype);
  if (shape.length > 0 && (shape.at(-1) ?? 0) % group === 0) return;
  throw new UnsupportedDTypeError(
    `Rows of ${dtype} are multiples of ${group} elements; a tensor of shape ${formatShape(shape)} has others.`,
    { dtype, shape: formatShape(shape) },
  );
}

function checkStep(step: TensorStep, dtype: DType, shape: Shape): void {
  if (step.kind === 'cast') {
    if (!isQuantized(step.dtype) || step.dtype === dtype) return;
    if (isQuantizable(step.dtype)) {
      checkRows(step.dtype, shape);
      return;
    }
    throw new UnsupportedDTypeError(`Casting to ${step.dtype} is not supported: its elements are stored in blocks.`, {
      dtype: step.dtype,
    });
  }
  if (isPacked(dtype)) {
    throw new UnsupportedDTypeError(
      `${dtype} packs several elements into a byte and cannot be edited in place: cast it to another dtype first.`,
      { dtype, step: step.kind },
    );
  }
  if (step.kind === 'scale') return;
  const size = dtypeInfo(dtype).bits / 8;
  if (step.kind === 'fill') {
    if (base64Bytes(step.element) === size) return;
    throw new InvalidArgumentError(
      `One element of ${dtype} has ${size} bytes; the fill has ${base64Bytes(step.element)}.`,
    );
  }
  checkRanges(step.ranges, shape);
  const count = elementCount(step.ranges.map((range) => range.count));
  const given = base64Bytes(step.data);
  if (given === size || given === count * size) return;
  throw new InvalidArgumentError(
    `Setting ${count} elements of ${dtype} wants ${size} bytes or ${count * size}; ${given} were given.`,
  );
}

/** Throws unless the tensor's region, shape and steps fit together. */
export function checkTensor(tensor: LazyTensor): void {
  const { dtype, shape, region } = tensor;
  const count = elementCount(shape);
  if (!shape.every(isIndex) || !isIndex(count)) {
    throw new InvalidArgumentError(`${formatShape(shape)} is not a shape of at most 2^53 elements.`);
  }
  const nbytes = tensor.sparse ? tensor.sparse.storedBytes : bytesFor(dtype, count);
  if (!isIndex(region.offset) || region.nbytes !== nbytes) {
    throw new InvalidArgumentError(
      `A ${dtype} tensor of shape ${formatShape(shape)} has ${nbytes} stored bytes; its region has ${region.nbytes} at ${region.offset}.`,
      { nbytes: region.nbytes, offset: region.offset },
    );
  }
  let current = dtype;
  for (const step of tensor.steps) {
    checkStep(step, current, shape);
    if (step.kind === 'cast') current = step.dtype;
  }
}

export function checkBins(bins: number): void {
  if (Number.isInteger(bins) && bins >= 1 && bins <= MAX_BINS) return;
  throw new InvalidArgumentError(`A histogram has 1 to ${MAX_BINS} bins, not ${bins}.`, { bins });
}

export function checkRead(dtype: DType, shape: Shape, range: { readonly start: number; readonly count: number }): void {
  const { start, count } = range;
  const total = elementCount(shape);
  if (!isIndex(start) || !isIndex(count) || start + count > total) {
    throw new InvalidArgumentError(`The tensor has ${total} elements; ${count} from ${start} on were asked for.`, {
      start,
      count,
      total,
    });
  }
  if (bytesFor(dtype, count) > MAX_READ_BYTES) {
    throw new InvalidArgumentError(`One read gives at most ${MAX_READ_BYTES} bytes, not ${bytesFor(dtype, count)}.`);
  }
  const group = groupElements(dtype);
  if (start % group !== 0 || (count % group !== 0 && start + count !== total)) {
    throw new InvalidArgumentError(`${dtype} packs its elements: start and count must be multiples of ${group}.`);
  }
}

export function checkCells(ranges: readonly AxisRange[], shape: Shape): void {
  checkRanges(ranges, shape);
  const count = elementCount(ranges.map((range) => range.count));
  if (count > MAX_CELLS) throw new InvalidArgumentError(`One request gives at most ${MAX_CELLS} cells, not ${count}.`);
}

export function checkSameShape(a: LazyTensor, b: LazyTensor): void {
  if (formatShape(a.shape) === formatShape(b.shape)) return;
  throw new ShapeMismatchError(
    `Tensors of shapes ${formatShape(a.shape)} and ${formatShape(b.shape)} cannot be compared element by element.`,
  );
}

export function checkTolerance({ absolute, relative }: Tolerance): void {
  if (absolute >= 0 && Number.isFinite(absolute) && relative >= 0 && Number.isFinite(relative)) return;
  throw new InvalidArgumentError(
    `A tolerance is two finite numbers that are not negative, not ${absolute} and ${relative}.`,
    { absolute, relative },
  );
}

const MOST_QUANTILES = 32;

export function checkQuantiles(qs: readonly number[]): void {
  const wrong = qs.find((q) => !(q >= 0 && q <= 1));
  if (wrong !== undefined)
    throw new InvalidArgumentError(`A quantile is asked for by a share from 0 to 1, not ${wrong}.`);
  if (qs.length > MOST_QUANTILES) {
    throw new InvalidArgumentError(`At most ${MOST_QUANTILES} quantiles come at once, not ${qs.length}.`);
  }
}

export function checkOrdered(dtype: DType, what: string): void {
  if (dtypeInfo(dtype).kind !== 'complex') return;
  throw new UnsupportedDTypeError(`Elements of ${dtype} have no order, and so no ${what}: cast to a real dtype first.`);
}

export function checkHistogram(request: HistogramRequest): void {
  const { bins, range, scale, linearThreshold } = request;
  if (bins !== undefined) checkBins(bins);
  if (linearThreshold !== undefined && !(linearThreshold > 0 && Number.isFinite(linearThreshold))) {
    throw new InvalidArgumentError(`The linear threshold is a finite number above 0, not ${linearThreshold}.`);
  }
  if (typeof range === 'string') return;
  const [low, high] = range;
  if (!(Number.isFinite(low) && Number.isFinite(high) && low < high)) {
    throw new InvalidArgumentError(
      `A histogram's range runs from a finite number to a greater one, not ${low} to ${high}.`,
    );
  }
  if (scale === 'log' && low <= 0) {
    throw new InvalidArgumentError(`An axis of logarithms begins above 0, not at ${low}: use symlog.`);
  }
}
