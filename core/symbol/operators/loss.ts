import { InvalidArgumentError } from '../../errors.ts';
import { layerDType } from './dtypes.ts';
import { defineOperator } from './registry.ts';
import { sameShape, unify } from './shapes.ts';

/** MXNet's softmax_cross_entropy: data (batch, classes), label (batch) of class numbers; the sum over the batch. */
defineOperator({
  name: 'softmax_cross_entropy',
  inputs: ['data', 'label'],
  inferShape: ({ inputs: [data = null, label = null], output }) => {
    const labels = unify(label, data?.slice(0, -1));
    return { inputs: [data, labels], output: unify([], output) };
  },
  inferDType: ({ inputs: [data = null, label = null], output }) => {
    const result = layerDType({ inputs: [data], output });
    return { inputs: [...result.inputs, label], output: result.output };
  },
  compose: ([data, label]) => {
    if (!data || !label) throw new InvalidArgumentError('softmax_cross_entropy takes data and label.');
    return data.logSoftmax().pick(label).sum().neg();
  },
});

/** Half the squared difference, averaged over all axes but the first: one loss per sample, as Gluon's L2Loss. */
defineOperator({
  name: 'l2_loss',
  inputs: ['data', 'label'],
  inferShape: ({ inputs, output }) => {
    const { inputs: same, output: shape } = sameShape({ inputs, output: null });
    return { inputs: same, output: unify(shape?.slice(0, 1), output) };
  },
  inferDType: layerDType,
  compose: ([data, label]) => {
    if (!data || !label) throw new InvalidArgumentError('l2_loss takes data and label.');
    const half = data.sub(label).square().div(2);
    const axes = half.shape.slice(1).map((_, axis) => axis + 1);
    return axes.length === 0 ? half : half.mean({ axis: axes });
  },
});
