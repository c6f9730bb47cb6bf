import type { AxisRange } from '../../../ndarray/lazy-tensor.ts';
import { type Shape, stridesOf } from '../../../ndarray/shape.ts';
import { parseSlice } from '../../../ndarray/slice.ts';
import { integersOf, numberOf, stringOf } from '../../attributes.ts';
import type { Attributes } from '../../protocol.ts';
import { type BigInts, copyBits, type DeviceArray, type Numbers, partsOf } from '../device-array.ts';
import { broadcastStrides } from './broadcasting.ts';
import { elementCopier } from './copy-elements.ts';
import { registerKernel } from './registry.ts';

/** Kernels that move elements and do not look at them: they serve every dtype, bit for bit. */

for (const name of ['reshape', 'expand_dims', 'squeeze', 'flatten']) {
  registerKernel(name, ([input], _attributes, [output]) => {
    if (input && output) copyBits(input.elements, output.elements);
  });
}

registerKernel('transpose', ([input], attributes, [output]) => {
  if (!input || !output) return;
  const strides = stridesOf(input.shape);
  const steps = integersOf(attributes, 'axes').map((axis) => strides[axis] ?? 0);
  gather(input, output, { start: 0, steps, shape: output.shape });
});

registerKernel('broadcast_to', ([input], _attributes, [output]) => {
  if (!input || !output) return;
  gather(input, output, { start: 0, steps: broadcastStrides(input.shape, output.shape), shape: output.shape });
});

/** The part of the input that the attribute `slice` names. */
registerKernel('slice', ([input], attributes, [output]) => {
  if (input && output) gather(input, output, walkOf(attributes, input.shape));
});

/** The input where the attribute `slice` says, zeros elsewhere: the gradient of `slice`. */
registerKernel('slice_backward', ([input], attributes, [output]) => {
  if (input && output) scatter(input, output, walkOf(attributes, output.shape));
});

/** Writes the input, broadcast, into the part of the output that `slice` names, in place. */
registerKernel('slice_assign', ([input], attributes, [output]) => {
  if (!input || !output) return;
  const walk = walkOf(attributes, output.shape);
  scatter(input, output, { ...walk, sourceSteps: broadcastStrides(input.shape, walk.shape) });
});

registerKernel('concat', (inputs, attributes, [output]) => {
  if (!output) return;
  const axis = numberOf(attributes, 'axis');
  const strides = stridesOf(output.shape);
  let offset = 0;
  for (const input of inputs) {
    scatter(input, output, { start: offset * (strides[axis] ?? 0), steps: strides, shape: input.shape });
    offset += input.shape[axis] ?? 0;
  }
});

/** A walk through an array: where it starts, its step per axis, and the sizes of the axes. */
interface Walk {
  readonly start: number;
  readonly steps: readonly number[];
  readonly shape: Shape;
}

function walkOf(attributes: Attributes, shape: Shape): Walk {
  const { ranges, removedAxes } = parseSlice(stringOf(attributes, 'slice'), shape);
  return walkRanges(ranges, removedAxes, shape);
}

function walkRanges(ranges: readonly AxisRange[], removedAxes: readonly number[], shape: Shape): Walk {
  const strides = stridesOf(shape);
  const start = ranges.reduce((sum, range, axis) => sum + range.start * (strides[axis] ?? 0), 0);
  const kept = ranges.map((range, axis) => ({ ...range, axis })).filter(({ axis }) => !removedAxes.includes(axis));
  return {
    start,
    steps: kept.map(({ step, axis }) => step * (strides[axis] ?? 0)),
    shape: kept.map(({ count }) => count),
  };
}

/** The elements of a walk through `input`, in C order, into `output`. */
function gather(input: DeviceArray, output: DeviceArray, walk: Walk): void {
  const sources = partsOf(input.elements);
  partsOf(output.elements).forEach((target, part) => {
    const source = sources[part];
    if (source) copyWalked(source, target, { from: walk, to: linear(walk.shape) });
  });
}

/** The elements of `input`, in C order or by `sourceSteps`, to a walk through `output`. */
function scatter(
  input: DeviceArray,
  output: DeviceArray,
  walk: Walk & { readonly sourceSteps?: readonly number[] },
): void {
  const sources = partsOf(input.elements);
  const from = walk.sourceSteps ? { start: 0, steps: walk.sourceSteps, shape: walk.shape } : linear(walk.shape);
  partsOf(output.elements).forEach((target, part) => {
    const source = sources[part];
    if (source) copyWalked(source, target, { from, to: walk });
  });
}

function linear(shape: Shape): Walk {
  return { start: 0, steps: stridesOf(shape), shape };
}

function copyWalked(
  source: Numbers | BigInts,
  target: Numbers | BigInts,
  { from, to }: { readonly from: Walk; readonly to: Walk },
): void {
  const copy = elementCopier(source, target);
  const { shape } = from;
  const copyAxis = (axis: number, i: number, o: number): void => {
    if (axis === shape.length) {
      copy(i, o);
      return;
    }
    const [step, stride] = [from.steps[axis] ?? 0, to.steps[axis] ?? 0];
    const size = shape[axis] ?? 0;
    if (axis < shape.length - 1) for (let n = 0; n < size; n++) copyAxis(axis + 1, i + n * step, o + n * stride);
    else for (let n = 0; n < size; n++) copy(i + n * step, o + n * stride);
  };
  copyAxis(0, from.start, to.start);
}
