import { booleanOf, integersOf, numberOf } from '../../device/attributes.ts';
import type { NDArray } from '../../device/nd-array.ts';
import type { Attributes } from '../../device/protocol.ts';
import { ShapeMismatchError } from '../../errors.ts';
import { elementCount, type Shape } from '../../ndarray/shape.ts';
import { floatDType, numericDType, realDType } from './dtypes.ts';
import { masked } from './gradients.ts';
import {
  type DTypeKnowledge,
  defineOperator,
  type GradientContext,
  type PartialShape,
  type SavedValues,
  type ShapeKnowledge,
} from './registry.ts';
import { normalizeAxes, normalizeAxis, unify } from './shapes.ts';

/** Reductions over the attribute `axis` (a list; null for all axes), which `keepDims` keeps with size 1. */

interface ReductionDefinition {
  readonly dtype: (known: DTypeKnowledge) => DTypeKnowledge;
  readonly saves?: SavedValues;
  /** From the head with reduced axes of size 1. */
  readonly gradient: (head: NDArray, context: GradientContext) => NDArray;
  /** False where there is no result for no elements. */
  readonly hasEmpty: boolean;
}

const DEFINITIONS: Readonly<Record<string, ReductionDefinition>> = {
  sum: { dtype: numericDType, gradient: spread, hasEmpty: true },
  mean: {
    dtype: (known) => floatDType(numericDType({ inputs: known.inputs, output: null })),
    gradient: (head, context) => {
      const shape = context.inputShape(0);
      const count = elementCount(shape) / Math.max(1, elementCount(head.shape));
      return spread(head, context).div(count);
    },
    hasEmpty: true,
  },
  max: { dtype: realDType, saves: 'both', gradient: toExtremes, hasEmpty: false },
  min: { dtype: realDType, saves: 'both', gradient: toExtremes, hasEmpty: false },
};

for (const [name, { dtype, saves = 'nothing', gradient, hasEmpty }] of Object.entries(DEFINITIONS)) {
  defineOperator({
    name,
    inputs: ['data'],
    inferShape: (known, attributes) => reducedShape(known, attributes, hasEmpty),
    inferDType: dtype,
    kernelAttributes: (attributes, [shape = []]) => ({ axes: normalizeAxes(axesOf(attributes), shape.length) }),
    saves,
    gradient: (context) => [gradient(context.head.reshape(keptShape(context)), context)],
  });
}

defineOperator({
  name: 'argmax',
  inputs: ['data'],
  inferShape: ({ inputs: [shape = null], output }, attributes) => {
    const axis = shape && normalizeAxis(numberOf(attributes, 'axis', -1), shape.length);
    if (shape && axis !== null && shape[axis] === 0) throw new ShapeMismatchError('there is no largest of no elements');
    return {
      inputs: [shape],
      output: unify(
        shape?.filter((_, i) => i !== axis),
        output,
      ),
    };
  },
  inferDType: ({ inputs }) => ({ inputs, output: 'int32' }),
  kernelAttributes: (attributes, [shape = []]) => ({
    axes: [normalizeAxis(numberOf(attributes, 'axis', -1), shape.length)],
  }),
});

/** Gradients of all that went into a sum are those of the sum. */
function spread(head: NDArray, context: GradientContext): NDArray {
  return head.broadcastTo(context.inputShape(0));
}

/** To every element that equals the extreme one, as in MXNet. */
function toExtremes(head: NDArray, context: GradientContext): NDArray {
  const extremes = context.output().reshape(head.shape);
  return masked(context.input(0).equal(extremes), spread(head, context));
}

function keptShape({ attributes, inputShape }: GradientContext): Shape {
  const shape = inputShape(0);
  const axes = normalizeAxes(axesOf(attributes), shape.length);
  return shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
}

function reducedShape(
  { inputs: [shape = null], output }: ShapeKnowledge,
  attributes: Attributes,
  hasEmpty: boolean,
): ShapeKnowledge {
  if (!shape) return { inputs: [shape], output };
  const axes = normalizeAxes(axesOf(attributes), shape.length);
  if (!hasEmpty && axes.some((axis) => shape[axis] === 0)) {
    throw new ShapeMismatchError('there is no extreme of no elements');
  }
  const keepDims = booleanOf(attributes, 'keepDims', false);
  const reduced = shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const result: PartialShape = keepDims ? reduced : reduced.filter((_, axis) => !axes.includes(axis));
  return { inputs: [shape], output: unify(result, output) };
}

function axesOf(attributes: Attributes): readonly number[] | null {
  return (attributes.axis ?? null) === null ? null : integersOf(attributes, 'axis');
}
