import { booleanOf, integersOf, numberOf, stringOf } from '../../device/attributes.ts';
import type { Attributes } from '../../device/protocol.ts';
import { InvalidArgumentError, ShapeMismatchError } from '../../errors.ts';
import type { Shape } from '../../ndarray/shape.ts';
import { applyOperator } from '../apply.ts';
import { layerDType } from './dtypes.ts';
import { defineOperator, type ShapeKnowledge } from './registry.ts';
import { unify, unifySize } from './shapes.ts';

/**
 * MXNet's Convolution and Pooling over two axes. Data is (batch, channel, height, width), weight (out,
 * in / numGroup, height, width). Attributes: `kernel`, `stride`, `pad` and `dilate` as [height, width],
 * `numFilter`, `numGroup`.
 */

defineOperator({
  name: 'convolution',
  inputs: ['data', 'weight', 'bias'],
  required: 2,
  inferShape: convolutionShape,
  inferDType: layerDType,
  compose: ([data, weight, bias], attributes) => {
    if (!data || !weight) throw new InvalidArgumentError('convolution takes data and weight.');
    const result = applyOperator('convolution_unbiased', [data, weight], attributes);
    return bias ? result.add(bias.reshape([1, bias.size, 1, 1])) : result;
  },
});

defineOperator({
  name: 'convolution_unbiased',
  inputs: ['data', 'weight'],
  inferShape: convolutionShape,
  inferDType: layerDType,
  saves: 'inputs',
  gradient: ({ head, input, attributes, needs, inputShape }) => [
    needs(0)
      ? applyOperator('convolution_backward_data', [head, input(1)], { ...attributes, shape: inputShape(0) })
      : null,
    needs(1)
      ? applyOperator('convolution_backward_weight', [head, input(0)], { ...attributes, shape: inputShape(1) })
      : null,
  ],
});

for (const name of ['convolution_backward_data', 'convolution_backward_weight']) {
  defineOperator({
    name,
    inputs: ['head', 'other'],
    inferShape: ({ inputs }, attributes) => ({ inputs, output: integersOf(attributes, 'shape') }),
    inferDType: layerDType,
  });
}

/** `poolType` is 'max' or 'avg' (padding counts), `globalPool` takes the whole image as one window. */
defineOperator({
  name: 'pooling',
  inputs: ['data'],
  inferShape: ({ inputs: [data = null], output }, attributes) => {
    const type = stringOf(attributes, 'poolType', 'max');
    if (type !== 'max' && type !== 'avg') throw new InvalidArgumentError(`poolType must be max or avg, got ${type}.`);
    if (data && data.length !== 4) throw new ShapeMismatchError('data has axes (batch, channel, height, width)');
    return { inputs: [data], output: unify(data && [...data.slice(0, 2), ...pooledSizes(data, attributes)], output) };
  },
  inferDType: layerDType,
  saves: 'both',
  gradient: ({ head, input, output, attributes }) => [
    applyOperator('pooling_backward', [head, input(0), output()], attributes),
  ],
});

defineOperator({
  name: 'pooling_backward',
  inputs: ['head', 'data', 'output'],
  inferShape: ({ inputs }) => ({ inputs, output: inputs[1] ?? null }),
  inferDType: layerDType,
});

function pooledSizes(data: Shape, attributes: Attributes): Shape {
  if (booleanOf(attributes, 'globalPool', false)) return [1, 1];
  return gridSizes(data, integersOf(attributes, 'kernel'), attributes);
}

function convolutionShape({ inputs, output }: ShapeKnowledge, attributes: Attributes): ShapeKnowledge {
  const [data = null, weight = null, bias = null] = inputs;
  if (data && data.length !== 4) throw new ShapeMismatchError('data has axes (batch, channel, height, width)');
  const groups = numberOf(attributes, 'numGroup', 1);
  const channels = data?.[1] ?? -1;
  if (channels >= 0 && channels % groups !== 0) {
    throw new ShapeMismatchError(`${channels} channels do not divide into ${groups} groups`);
  }
  const out = [numberOf(attributes, 'numFilter', -1), bias?.[0] ?? -1, output?.[1] ?? -1].reduce(unifySize);
  const [height = -1, width = -1] = integersOf(attributes, 'kernel', [-1, -1]);
  const filters = unify(weight, [out, channels < 0 ? -1 : channels / groups, height, width]) ?? [];
  const [filterCount = -1, perGroup = -1, ...kernel] = filters;
  if (filterCount >= 0 && filterCount % groups !== 0) {
    throw new ShapeMismatchError(`${filterCount} filters do not divide into ${groups} groups`);
  }
  const image = data && unify(data, [-1, perGroup < 0 ? -1 : perGroup * groups, -1, -1]);
  const result = image && [image[0] ?? -1, filterCount, ...gridSizes(image, kernel, attributes)];
  const inferred = [image, filters, ...(inputs.length > 2 ? [unify(bias, [filterCount])] : [])];
  return { inputs: inferred, output: unify(result, output) };
}

/** How many windows fit along the last two axes. @throws ShapeMismatchError where not even one does. */
function gridSizes(data: Shape, kernel: Shape, attributes: Attributes): Shape {
  const stride = integersOf(attributes, 'stride', [1, 1]);
  const dilate = integersOf(attributes, 'dilate', [1, 1]);
  const pad = integersOf(attributes, 'pad', [0, 0]);
  return data.slice(2).map((size, axis) => {
    const [window = -1, step = 1] = [kernel[axis], stride[axis]];
    if (size < 0 || window < 0) return -1;
    if (step < 1 || (dilate[axis] ?? 1) < 1 || (pad[axis] ?? 0) < 0 || window < 1) {
      throw new InvalidArgumentError('kernel, stride and dilate are positive, pad is not negative.');
    }
    const reach = (window - 1) * (dilate[axis] ?? 1) + 1;
    const room = size + 2 * (pad[axis] ?? 0) - reach;
    if (room < 0) throw new ShapeMismatchError(`a window of ${reach} does not fit into ${size + 2 * (pad[axis] ?? 0)}`);
    return Math.floor(room / step) + 1;
  });
}
