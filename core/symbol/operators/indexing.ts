import { integersOf, numberOf } from '../../device/attributes.ts';
import { DTypeMismatchError, InvalidArgumentError, ShapeMismatchError } from '../../errors.ts';
import { dtypeInfo } from '../../ndarray/dtype.ts';
import { applyOperator } from '../apply.ts';
import { sameDType } from './dtypes.ts';
import { masked, sumTo } from './gradients.ts';
import { type DTypeKnowledge, defineOperator, type PartialShape } from './registry.ts';
import { broadcastShape, normalizeAxis, unify } from './shapes.ts';

/** Operators that choose elements by indices, which may have any real dtype and are cut to integers. */

/** The entries of data at `indices` along `axis`, clipped to those there are. */
defineOperator({
  name: 'take',
  inputs: ['data', 'indices'],
  inferShape: ({ inputs: [data = null, indices = null], output }, attributes) => {
    if (!data || !indices) return { inputs: [data, indices], output };
    const axis = normalizeAxis(numberOf(attributes, 'axis', 0), data.length);
    if (data[axis] === 0) throw new ShapeMismatchError('there is nothing to take from an empty axis');
    const taken = [...data.slice(0, axis), ...indices, ...data.slice(axis + 1)];
    return { inputs: [data, indices], output: unify(taken, output) };
  },
  inferDType: indexedDType,
  kernelAttributes: (attributes, [data = []]) => ({
    axis: normalizeAxis(numberOf(attributes, 'axis', 0), data.length),
  }),
  saves: 'inputs',
  gradient: ({ head, input, attributes, inputShape }) => {
    const shape = inputShape(0);
    const axis = normalizeAxis(numberOf(attributes, 'axis', 0), shape.length);
    return [applyOperator('take_backward', [head, input(1)], { axis, shape }), null];
  },
});

/** Zeros of `shape` with the entries of the first input added where `take` would find them. */
defineOperator({
  name: 'take_backward',
  inputs: ['head', 'indices'],
  inferShape: ({ inputs }, attributes) => ({ inputs, output: integersOf(attributes, 'shape') }),
  inferDType: indexedDType,
  saves: 'inputs',
  gradient: ({ head, input, attributes }) => [head.take(input(1), numberOf(attributes, 'axis')), null],
});

/** Rows of `weight` (inputDim, outputDim) at the indices in `data`. */
defineOperator({
  name: 'embedding',
  inputs: ['data', 'weight'],
  inferShape: ({ inputs: [data = null, weight = null], output }, attributes) => {
    const table = [numberOf(attributes, 'inputDim', -1), numberOf(attributes, 'outputDim', output?.at(-1) ?? -1)];
    const rows = unify(weight, table) ?? table;
    return { inputs: [data, rows], output: unify(data && [...data, rows[1] ?? -1], output) };
  },
  inferDType: ({ inputs: [data = null, weight = null], output }) => {
    const table = sameDType({ inputs: [weight], output });
    assertIndices(data);
    return { inputs: [data, ...table.inputs], output: table.output };
  },
  compose: ([data, weight]) => {
    if (!data || !weight) throw new InvalidArgumentError('embedding takes data and weight.');
    return weight.take(data, 0);
  },
});

/** The element along the last axis that each index names, clipped. */
defineOperator({
  name: 'pick',
  inputs: ['data', 'indices'],
  inferShape: ({ inputs: [data = null, indices = null], output }) => {
    if (data?.length === 0 || data?.at(-1) === 0) throw new ShapeMismatchError('there is nothing to pick from');
    const shape: PartialShape = unify(indices, data?.slice(0, -1));
    return { inputs: [data, shape], output: unify(shape, output) };
  },
  inferDType: indexedDType,
  saves: 'inputs',
  gradient: ({ head, input, inputShape }) => {
    const depth = inputShape(0).at(-1) ?? 1;
    // An operator in place of `asType`: what it makes is freed with the rest of this gradient.
    const indices = applyOperator('cast', [input(1)], { dtype: 'int32' });
    const picked = indices
      .clip(0, depth - 1)
      .oneHot(depth)
      .greater(0);
    return [masked(picked, head.expandDims(-1).broadcastTo(inputShape(0))), null];
  },
});

defineOperator({
  name: 'one_hot',
  inputs: ['indices'],
  inferShape: ({ inputs: [indices = null], output }, attributes) => {
    const depth = numberOf(attributes, 'depth');
    if (!Number.isSafeInteger(depth) || depth <= 0) {
      throw new InvalidArgumentError(`The attribute depth must be a positive integer, got ${depth}.`);
    }
    return { inputs: [indices], output: unify(indices && [...indices, depth], output) };
  },
  inferDType: ({ inputs: [indices = null] }) => {
    assertIndices(indices);
    return { inputs: [indices], output: 'float32' };
  },
});

/** `whenTrue` where `condition` is not zero, else `whenFalse`; all broadcast. */
defineOperator({
  name: 'where',
  inputs: ['condition', 'whenTrue', 'whenFalse'],
  inferShape: broadcastShape,
  inferDType: ({ inputs: [condition = null, ...sides], output }) => {
    assertIndices(condition);
    const chosen = sameDType({ inputs: sides, output });
    return { inputs: [condition, ...chosen.inputs], output: chosen.output };
  },
  saves: 'inputs',
  gradient: ({ head, input, needs, inputShape }) => [
    null,
    needs(1) ? sumTo(masked(input(0), head), inputShape(1)) : null,
    needs(2) ? sumTo(masked(input(0).equal(0), head), inputShape(2)) : null,
  ],
});

function indexedDType({ inputs: [data = null, indices = null], output }: DTypeKnowledge): DTypeKnowledge {
  assertIndices(indices);
  const result = sameDType({ inputs: [data], output });
  return { inputs: [...result.inputs, indices], output: result.output };
}

function assertIndices(dtype: DTypeKnowledge['output']): void {
  if (dtype && dtypeInfo(dtype).kind === 'complex') throw new DTypeMismatchError(`${dtype} can be no index`);
}
