import { booleanOf, numberOf } from '../../device/attributes.ts';
import type { NDArray } from '../../device/nd-array.ts';
import type { Attributes } from '../../device/protocol.ts';
import { InvalidArgumentError, ShapeMismatchError } from '../../errors.ts';
import type { Shape } from '../../ndarray/shape.ts';
import { elementCount } from '../../ndarray/shape.ts';
import { applyOperator } from '../apply.ts';
import { layerDType, numericDType } from './dtypes.ts';
import { sumTo } from './gradients.ts';
import { defineOperator, type GradientContext, type PartialShape, type ShapeKnowledge } from './registry.ts';
import { broadcastPair, isComplete, unify, unifySize } from './shapes.ts';

/** Products of matrices, and the layer that is made of one. */

/** Matrices in the last two axes, transposed where `transposeA` or `transposeB` say so; leading axes broadcast. */
defineOperator({
  name: 'batch_matmul',
  inputs: ['lhs', 'rhs'],
  inferShape: productShape,
  inferDType: numericDType,
  saves: 'inputs',
  gradient: productGradients,
});

/** NumPy's matmul: a vector on the left is a row, on the right a column. */
defineOperator({
  name: 'matmul',
  inputs: ['lhs', 'rhs'],
  inferShape: ({ inputs: [a = null, b = null], output }) => {
    if (!isComplete(a) || !isComplete(b)) return { inputs: [a, b], output };
    if (a.length === 0 || b.length === 0) throw new ShapeMismatchError('scalars have no matrix product: use mul');
    const { output: product } = productShape({ inputs: [asMatrix(a, 'row'), asMatrix(b, 'column')], output: null }, {});
    return { inputs: [a, b], output: unify(withoutVectorAxes(product ?? [], a, b), output) };
  },
  inferDType: numericDType,
  compose: ([a, b]) => {
    if (!a || !b) throw new InvalidArgumentError('matmul takes two arrays.');
    if (a.shape.length >= 2 && b.shape.length >= 2) return applyOperator('batch_matmul', [a, b]);
    const product = applyOperator('batch_matmul', [
      a.reshape(asMatrix(a.shape, 'row')),
      b.reshape(asMatrix(b.shape, 'column')),
    ]);
    return product.reshape(withoutVectorAxes(product.shape, a.shape, b.shape));
  },
});

/** NumPy's dot: over the last axis of the left and the second last, or only, one of the right. */
defineOperator({
  name: 'dot',
  inputs: ['lhs', 'rhs'],
  inferShape: ({ inputs: [a = null, b = null], output }) => {
    if (!isComplete(a) || !isComplete(b)) return { inputs: [a, b], output };
    if (a.length === 0 || b.length === 0) return { inputs: [a, b], output: unify(a.length === 0 ? b : a, output) };
    unifySize(a.at(-1) ?? 1, b.at(b.length === 1 ? -1 : -2) ?? 1);
    return {
      inputs: [a, b],
      output: unify([...a.slice(0, -1), ...b.slice(0, -2), ...b.slice(-1).slice(b.length === 1 ? 1 : 0)], output),
    };
  },
  inferDType: numericDType,
  compose: ([a, b]) => {
    if (!a || !b) throw new InvalidArgumentError('dot takes two arrays.');
    if (a.shape.length === 0 || b.shape.length === 0) return a.mul(b);
    const inner = a.shape.at(-1) ?? 1;
    const left = a.reshape([elementCount(a.shape.slice(0, -1)), inner]);
    const rest = b.shape.length === 1 ? [] : [...b.shape.slice(0, -2), ...b.shape.slice(-1)];
    return left.matmul(innerFirst(b, inner)).reshape([...a.shape.slice(0, -1), ...rest]);
  },
});

/**
 * MXNet's FullyConnected: `data · weightᵀ + bias`, weight being (units, inputs). `flatten` (the
 * default) makes all axes of data but the first one, otherwise the last axis is transformed.
 */
defineOperator({
  name: 'fully_connected',
  inputs: ['data', 'weight', 'bias'],
  required: 2,
  inferShape: fullyConnectedShape,
  inferDType: layerDType,
  compose: ([data, weight, bias], attributes) => {
    if (!data || !weight) throw new InvalidArgumentError('fully_connected takes data and weight.');
    const [units = 1, width = 1] = weight.shape;
    const rows = booleanOf(attributes, 'flatten', true) ? data.shape.slice(0, 1) : data.shape.slice(0, -1);
    const flat = data.reshape([elementCount(rows), width]);
    const product = applyOperator('batch_matmul', [flat, weight], { transposeB: true });
    return (bias ? product.add(bias) : product).reshape([...rows, units]);
  },
});

function productShape(
  { inputs: [a = null, b = null], output }: ShapeKnowledge,
  attributes: Attributes,
): ShapeKnowledge {
  if (!a || !b) return { inputs: [a, b], output };
  if (a.length < 2 || b.length < 2) throw new ShapeMismatchError('matrices have at least two axes');
  const [rows = -1, leftInner = -1] = lastTwo(a, booleanOf(attributes, 'transposeA', false));
  const [rightInner = -1, columns = -1] = lastTwo(b, booleanOf(attributes, 'transposeB', false));
  unifySize(leftInner, rightInner);
  const stack = broadcastPair(a.slice(0, -2), b.slice(0, -2));
  return { inputs: [a, b], output: unify([...stack, rows, columns], output) };
}

function lastTwo(shape: Shape, transposed: boolean): Shape {
  const sizes = shape.slice(-2);
  return transposed ? sizes.toReversed() : sizes;
}

/** With C = A·B: dA = G·Bᵀ and dB = Aᵀ·G, each transposed where the operand is. */
function productGradients(context: GradientContext): (NDArray | null)[] {
  const { head, input, attributes, needs, inputShape } = context;
  const transposeA = booleanOf(attributes, 'transposeA', false);
  const transposeB = booleanOf(attributes, 'transposeB', false);
  const product = (a: NDArray, b: NDArray, transposed: readonly [boolean, boolean]) =>
    applyOperator('batch_matmul', [a, b], { transposeA: transposed[0], transposeB: transposed[1] });
  const left = () =>
    transposeA ? product(input(1), head, [transposeB, true]) : product(head, input(1), [false, !transposeB]);
  const right = () =>
    transposeB ? product(head, input(0), [true, transposeA]) : product(input(0), head, [!transposeA, false]);
  return [needs(0) ? sumTo(left(), inputShape(0)) : null, needs(1) ? sumTo(right(), inputShape(1)) : null];
}

function asMatrix(shape: Shape, vector: 'row' | 'column'): Shape {
  const [length = 1] = shape;
  if (shape.length !== 1) return shape;
  return vector === 'row' ? [1, length] : [length, 1];
}

/** Takes away the axes that `asMatrix` gave. */
function withoutVectorAxes(product: Shape, a: Shape, b: Shape): Shape {
  const stack = product.slice(0, -2);
  const [rows = 1, columns = 1] = product.slice(-2);
  return [...stack, ...(a.length === 1 ? [] : [rows]), ...(b.length === 1 ? [] : [columns])];
}

/** As a matrix whose rows are the axis that `dot` sums over. */
function innerFirst(b: NDArray, inner: number): NDArray {
  const rank = b.shape.length;
  const rest = b.size / Math.max(1, inner);
  if (rank <= 2) return b.reshape([inner, rest]);
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  const front = axes.splice(rank - 2, 1);
  return b.transpose([...front, ...axes]).reshape([inner, rest]);
}

function fullyConnectedShape(known: ShapeKnowledge, attributes: Attributes): ShapeKnowledge {
  const [data = null, weight = null, bias = null] = known.inputs;
  const flatten = booleanOf(attributes, 'flatten', true);
  if (data?.length === 0) throw new ShapeMismatchError('data has no axis to transform');
  const width = data ? (flatten ? flatSize(data.slice(1)) : (data.at(-1) ?? -1)) : -1;
  const units = known.output?.at(-1) ?? -1;
  const numHidden = numberOf(attributes, 'numHidden', -1);
  const matrix = unify(unify(weight, [unifySize(units, numHidden), width]), [bias?.[0] ?? -1, -1]) ?? [];
  const inferred = [data && unify(data, dataShape(data, { flatten, width: matrix[1] ?? -1 })), matrix];
  if (known.inputs.length > 2) inferred.push(unify(bias, [matrix[0] ?? -1]));
  const rows = data && (flatten ? data.slice(0, 1) : data.slice(0, -1));
  return { inputs: inferred, output: unify(rows && [...rows, matrix[0] ?? -1], known.output) };
}

/** What the width of the weight says of data: its last size, or the one that is missing of two axes. */
function dataShape(
  data: Shape,
  { flatten, width }: { readonly flatten: boolean; readonly width: number },
): PartialShape {
  if (flatten && data.length !== 2) return null;
  return [...data.slice(0, -1).map(() => -1), width];
}

function flatSize(sizes: Shape): number {
  return sizes.some((size) => size < 0) ? -1 : elementCount(sizes);
}
