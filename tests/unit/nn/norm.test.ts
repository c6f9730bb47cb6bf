import { describe, expect, test } from 'vitest';
import { cpu } from '../../../core/device/device.ts';
import { InvalidArgumentError, ShapeMismatchError } from '../../../core/errors.ts';
import { BatchNorm } from '../../../core/nn/batch-norm.ts';
import { LayerNorm } from '../../../core/nn/layer-norm.ts';
import { record, trainMode } from '../../../core/symbol/autograd.ts';
import { mean, rowsOf, variance } from './arithmetic.ts';
import { arrayOf, checkGradients, expectClose, numbersOf, someValues } from './gradient-check.ts';

const EPSILON = 1e-5;

describe('BatchNorm', () => {
  /** Two samples of three channels with two elements each. */
  const shape = [2, 3, 2];
  const values = someValues(12).map((value, i) => value * 3 + i);
  const channel = (c: number) => values.filter((_, i) => Math.floor(i / 2) % 3 === c);

  test('in training, channels are normalized by the batch, which moves the running statistics', async () => {
    const layer = new BatchNorm({ momentum: 0.75 });
    layer.initialize();
    const y = trainMode(() => layer.forward(arrayOf(values, shape)));
    const expected = values.map((value, i) => {
      const of = channel(Math.floor(i / 2) % 3);
      return (value - mean(of)) / Math.sqrt(variance(of) + EPSILON);
    });
    expectClose(await numbersOf(y), expected, 1e-4);
    const channels = [0, 1, 2].map(channel);
    expectClose(
      await numbersOf(layer.runningMean.data()),
      channels.map((of) => 0.25 * mean(of)),
      1e-4,
    );
    expectClose(
      await numbersOf(layer.runningVar.data()),
      channels.map((of) => 0.75 + 0.25 * variance(of)),
      1e-4,
    );
  });

  test('otherwise by the running statistics, which stay', async () => {
    const layer = new BatchNorm({ inChannels: 3 });
    layer.initialize();
    layer.runningMean.setData(arrayOf([1, 2, 3]));
    layer.runningVar.setData(arrayOf([4, 9, 16]));
    layer.gamma.setData(arrayOf([1, 2, 3]));
    layer.beta.setData(arrayOf([10, 20, 30]));
    const expected = values.map((value, i) => {
      const c = Math.floor(i / 2) % 3;
      return ((value - (c + 1)) / Math.sqrt((c + 2) ** 2 + EPSILON)) * (c + 1) + 10 * (c + 1);
    });
    const x = arrayOf(values, shape);
    expectClose(await numbersOf(layer.forward(x)), expected, 1e-4);
    expectClose(await numbersOf(record(() => layer.forward(x), { trainMode: false })), expected, 1e-4);
    expect(await numbersOf(layer.runningMean.data())).toEqual([1, 2, 3]);
    expect(await numbersOf(layer.runningVar.data())).toEqual([4, 9, 16]);
  });

  test('useGlobalStats keeps to the running statistics in training too', async () => {
    const layer = new BatchNorm({ useGlobalStats: true });
    layer.initialize();
    const y = trainMode(() => layer.forward(arrayOf(values, shape)));
    expectClose(
      await numbersOf(y),
      values.map((value) => value / Math.sqrt(1 + EPSILON)),
      1e-4,
    );
    expect(await numbersOf(layer.runningMean.data())).toEqual([0, 0, 0]);
  });

  test('its gradients agree with differences, through the statistics of the batch', async () => {
    const layer = new BatchNorm();
    layer.initialize();
    layer.forward(arrayOf(values, shape));
    layer.gamma.setData(arrayOf([0.5, 1.5, -1]));
    await checkGradients({ block: layer, inputs: [arrayOf(someValues(12), shape)], differentiable: [0] });
  });

  test('the running statistics move on the device of the input only', async () => {
    const layer = new BatchNorm({ inChannels: 3 });
    layer.initialize({ device: [cpu(0), cpu(1)] });
    trainMode(() => layer.forward(arrayOf(values, shape).copyTo(cpu(1))));
    expect(await numbersOf(layer.runningMean.data(cpu(0)))).toEqual([0, 0, 0]);
    expectClose(
      await numbersOf(layer.runningMean.data(cpu(1))),
      [0, 1, 2].map((c) => 0.1 * mean(channel(c))),
      1e-4,
    );
  });

  test('running statistics have no gradient; without scale and center neither have gamma and beta', async () => {
    const layer = new BatchNorm({ inChannels: 3, scale: false, center: false });
    expect([...layer.params.keys()]).toEqual(['gamma', 'beta', 'running_mean', 'running_var']);
    expect([...layer.params.values()].map(({ gradReq }) => gradReq)).toEqual(['null', 'null', 'null', 'null']);
    layer.initialize();
    layer.gamma.setData(arrayOf([7, 7, 7]));
    const y = layer.forward(arrayOf(values, shape));
    expectClose(
      await numbersOf(y),
      values.map((value) => value / Math.sqrt(1 + EPSILON)),
      1e-4,
    );
  });

  test('half precision leaves the Parameters at float32 and comes out as it came in', async () => {
    const layer = new BatchNorm({ inChannels: 3 });
    layer.initialize();
    layer.cast('float16');
    expect(layer.gamma.dtype).toBe('float32');
    const y = trainMode(() => layer.forward(arrayOf(values, shape).asType('float16')));
    expect(y.dtype).toBe('float16');
    layer.cast('float64');
    expect(layer.runningVar.dtype).toBe('float64');
  });

  test('another axis', async () => {
    const layer = new BatchNorm({ axis: -1 });
    layer.initialize();
    trainMode(() => layer.forward(arrayOf(values, shape)));
    expect(layer.runningMean.shape).toEqual([2]);
    const even = values.filter((_, i) => i % 2 === 0);
    const odd = values.filter((_, i) => i % 2 === 1);
    expectClose(await numbersOf(layer.runningMean.data()), [0.1 * mean(even), 0.1 * mean(odd)], 1e-4);
  });

  test('another number of channels is refused, and the statistics stay', async () => {
    const layer = new BatchNorm({ inChannels: 4 });
    layer.initialize();
    expect(() => trainMode(() => layer.forward(arrayOf(values, shape)))).toThrow(ShapeMismatchError);
    expect(await numbersOf(layer.runningVar.data())).toEqual([1, 1, 1, 1]);
    expect(() => new BatchNorm({ inChannels: 1.5 })).toThrow(InvalidArgumentError);
  });

  test('prints as in Gluon', () => {
    expect(String(new BatchNorm({ scale: false }))).toBe(
      'BatchNorm(axis=1, eps=0.00001, momentum=0.9, fix_gamma=True, use_global_stats=False, in_channels=None)',
    );
  });
});

describe('LayerNorm', () => {
  const values = someValues(12).map((value, i) => value + i);

  test('every row gets mean 0 and variance 1, then gamma and beta', async () => {
    const layer = new LayerNorm();
    layer.initialize();
    layer.forward(arrayOf(values, [3, 4]));
    layer.gamma.setData(arrayOf([1, 2, 3, 4]));
    layer.beta.setData(arrayOf([-1, 0, 1, 2]));
    const expected = rowsOf(values, 4).flatMap((row) =>
      row.map((value, i) => ((value - mean(row)) / Math.sqrt(variance(row) + EPSILON)) * (i + 1) + i - 1),
    );
    expectClose(await numbersOf(layer.forward(arrayOf(values, [3, 4]))), expected, 1e-4);
  });

  test('its gradients agree with differences', async () => {
    const layer = new LayerNorm({ axis: 1 });
    layer.initialize();
    await checkGradients({ block: layer, inputs: [arrayOf(someValues(12), [2, 3, 2])], differentiable: [0] });
  });

  test('prints as in Gluon', () => {
    expect(String(new LayerNorm({ center: false, inChannels: 4 }))).toBe(
      'LayerNorm(eps=0.00001, axis=-1, center=False, scale=True, in_channels=4)',
    );
  });
});
