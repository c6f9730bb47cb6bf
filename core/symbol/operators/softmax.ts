import { numberOf } from '../../device/attributes.ts';
import type { NDArray } from '../../device/nd-array.ts';
import type { Attributes } from '../../device/protocol.ts';
import { InvalidArgumentError } from '../../errors.ts';
import { layerDType } from './dtypes.ts';
import { defineOperator, type ShapeKnowledge } from './registry.ts';
import { normalizeAxis, sameShape } from './shapes.ts';

/** Softmax and its logarithm along the attribute `axis`, by default the last; the maximum is taken off first. */

defineOperator({
  name: 'softmax',
  inputs: ['data'],
  inferShape: alongAxis,
  inferDType: layerDType,
  compose: ([data], attributes) => {
    const axis = numberOf(attributes, 'axis', -1);
    const powers = shifted(data, axis).exp();
    return powers.div(powers.sum({ axis, keepDims: true }));
  },
  saves: 'output',
  gradient: ({ head, output, attributes }) => {
    const weighed = head.mul(output());
    const total = weighed.sum({ axis: numberOf(attributes, 'axis', -1), keepDims: true });
    return [weighed.sub(output().mul(total))];
  },
});

defineOperator({
  name: 'log_softmax',
  inputs: ['data'],
  inferShape: alongAxis,
  inferDType: layerDType,
  compose: ([data], attributes) => {
    const axis = numberOf(attributes, 'axis', -1);
    const centered = shifted(data, axis);
    return centered.sub(centered.exp().sum({ axis, keepDims: true }).log());
  },
  saves: 'output',
  gradient: ({ head, output, attributes }) => {
    const total = head.sum({ axis: numberOf(attributes, 'axis', -1), keepDims: true });
    return [head.sub(output().exp().mul(total))];
  },
});

function shifted(data: NDArray | undefined, axis: number): NDArray {
  if (!data) throw new InvalidArgumentError('softmax takes an array.');
  return data.sub(data.max({ axis, keepDims: true }));
}

function alongAxis(known: ShapeKnowledge, attributes: Attributes): ShapeKnowledge {
  const result = sameShape(known);
  if (result.output) normalizeAxis(numberOf(attributes, 'axis', -1), result.output.length);
  return result;
}
