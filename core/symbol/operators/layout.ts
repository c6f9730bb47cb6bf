import { integersOf, numberOf, stringOf } from '../../device/attributes.ts';
import type { NDArray } from '../../device/nd-array.ts';
import type { Attributes } from '../../device/protocol.ts';
import { ShapeMismatchError } from '../../errors.ts';
import { elementCount, type Shape } from '../../ndarray/shape.ts';
import { parseSlice } from '../../ndarray/slice.ts';
import { applyOperator } from '../apply.ts';
import { sameDType } from './dtypes.ts';
import { sumTo } from './gradients.ts';
import { defineOperator, type GradientContext, type PartialShape, type ShapeKnowledge } from './registry.ts';
import { broadcastPair, isComplete, normalizeAxes, normalizeAxis, resolveReshape, unify } from './shapes.ts';

/** Operators that move elements and do not look at them. */

/** New shapes for the same elements; each is the kernel `reshape`. */
const RESHAPES: Readonly<Record<string, (shape: Shape, attributes: Attributes) => Shape>> = {
  reshape: (shape, attributes) => {
    const wanted = integersOf(attributes, 'shape');
    return isComplete(shape) ? resolveReshape(wanted, elementCount(shape)) : wanted;
  },
  expand_dims: (shape, attributes) => {
    const axis = normalizeAxis(numberOf(attributes, 'axis'), shape.length + 1);
    return [...shape.slice(0, axis), 1, ...shape.slice(axis)];
  },
  squeeze: (shape, attributes) => {
    const axes = axisList(attributes);
    const dropped = axes
      ? normalizeAxes(axes, shape.length)
      : shape.flatMap((size, axis) => (size === 1 ? [axis] : []));
    const stubborn = dropped.find((axis) => shape[axis] !== 1);
    if (stubborn !== undefined) throw new ShapeMismatchError(`axis ${stubborn} has size ${shape[stubborn]}, not 1`);
    return shape.filter((_, axis) => !dropped.includes(axis));
  },
  flatten: ([batch = 1, ...rest]) => [batch, rest.includes(-1) ? -1 : elementCount(rest)],
};

for (const [name, reshaped] of Object.entries(RESHAPES)) {
  defineOperator({
    name,
    inputs: ['data'],
    inferShape: ({ inputs: [shape = null], output }, attributes) => ({
      inputs: [shape],
      output: unify(shape && reshaped(shape, attributes), output),
    }),
    inferDType: sameDType,
    gradient: ({ head, inputShape }) => [head.reshape(inputShape(0))],
  });
}

/** By the attribute `axes`; null reverses them. */
defineOperator({
  name: 'transpose',
  inputs: ['data'],
  inferShape: ({ inputs: [shape = null], output }, attributes) => {
    if (!shape && !output) return { inputs: [shape], output };
    const axes = permutation(attributes, (shape ?? output ?? []).length);
    const forward = shape && axes.map((axis) => shape[axis] ?? -1);
    const backward = output && axes.map((_, axis) => output[axes.indexOf(axis)] ?? -1);
    return { inputs: [unify(shape, backward)], output: unify(forward, output) };
  },
  inferDType: sameDType,
  kernelAttributes: (attributes, [shape = []]) => ({ axes: permutation(attributes, shape.length) }),
  gradient: ({ head, attributes, inputShape }) => {
    const axes = permutation(attributes, inputShape(0).length);
    return [head.transpose(axes.map((_, axis) => axes.indexOf(axis)))];
  },
});

defineOperator({
  name: 'broadcast_to',
  inputs: ['data'],
  inferShape: ({ inputs: [shape = null] }, attributes) => {
    const wanted = integersOf(attributes, 'shape');
    if (shape) unify(broadcastPair(shape, wanted), wanted);
    return { inputs: [shape], output: wanted };
  },
  inferDType: sameDType,
  gradient: ({ head, inputShape }) => [sumTo(head, inputShape(0))],
});

/** The part that the attribute `slice` names in NumPy's notation. */
defineOperator({
  name: 'slice',
  inputs: ['data'],
  inferShape: ({ inputs: [shape = null], output }, attributes) => ({
    inputs: [shape],
    output: unify(isComplete(shape) ? parseSlice(stringOf(attributes, 'slice'), shape).shape : null, output),
  }),
  inferDType: sameDType,
  gradient: ({ head, attributes, inputShape }) => [
    applyOperator('slice_backward', [head], { slice: stringOf(attributes, 'slice'), shape: inputShape(0) }),
  ],
});

/** The input in the part that `slice` names of zeros of `shape`. */
defineOperator({
  name: 'slice_backward',
  inputs: ['head'],
  inferShape: ({ inputs }, attributes) => ({ inputs, output: integersOf(attributes, 'shape') }),
  inferDType: sameDType,
  gradient: ({ head, attributes }) => [head.slice(stringOf(attributes, 'slice'))],
});

/** Any number of arrays one after the other along `axis`. */
defineOperator({
  name: 'concat',
  inputs: [],
  inferShape: concatShape,
  inferDType: sameDType,
  kernelAttributes: (attributes, [shape = []]) => ({
    axis: normalizeAxis(numberOf(attributes, 'axis', 0), shape.length),
  }),
  gradient: concatGradients,
});

function concatShape({ inputs, output }: ShapeKnowledge, attributes: Attributes): ShapeKnowledge {
  const rank = (inputs.find((shape) => shape !== null) ?? output)?.length;
  if (rank === undefined) return { inputs, output };
  const axis = normalizeAxis(numberOf(attributes, 'axis', 0), rank);
  const unsized = (shape: PartialShape) => shape?.map((size, i) => (i === axis ? -1 : size));
  const common = [...inputs, output].map(unsized).reduce(unify, null);
  const sized = inputs.map((shape) => unify(shape, common));
  const sizes = sized.map((shape) => shape?.[axis] ?? -1);
  const total = sizes.includes(-1) ? -1 : sizes.reduce((sum, size) => sum + size, 0);
  return {
    inputs: sized,
    output: unify(
      common?.map((size, i) => (i === axis ? total : size)),
      output,
    ),
  };
}

function concatGradients({ head, attributes, inputCount, inputShape, needs }: GradientContext): (NDArray | null)[] {
  const axis = normalizeAxis(numberOf(attributes, 'axis', 0), head.shape.length);
  let start = 0;
  return Array.from({ length: inputCount }, (_, index) => {
    const stop = start + (inputShape(index)[axis] ?? 0);
    const slice = `${':,'.repeat(axis)}${start}:${stop}`;
    start = stop;
    return needs(index) ? head.slice(slice) : null;
  });
}

function permutation(attributes: Attributes, rank: number): readonly number[] {
  if ((attributes.axes ?? null) === null) return Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
  const axes = integersOf(attributes, 'axes');
  if (axes.length === rank && normalizeAxes(axes, rank).length === rank) {
    return axes.map((axis) => normalizeAxis(axis, rank));
  }
  throw new ShapeMismatchError(`the axes ${axes.join(', ')} do not name each of ${rank} once`);
}

function axisList(attributes: Attributes): readonly number[] | null {
  return (attributes.axis ?? null) === null ? null : integersOf(attributes, 'axis');
}
