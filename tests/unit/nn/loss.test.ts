import { describe, expect, test } from 'vitest';
import { array, ones } from '../../../core/device/nd.ts';
import { L2Loss, SoftmaxCrossEntropyLoss } from '../../../core/nn/loss.ts';
import { autograd } from '../../../core/symbol/autograd.ts';
import { openRuntime } from '../device/runtimes.ts';
import { at, crossEntropy, mean, rowsOf } from './arithmetic.ts';
import { arrayOf, checkGradients, expectClose, indicesOf, numbersOf, someValues } from './gradient-check.ts';

const scores = someValues(6).map((value) => value * 4);

describe('L2Loss', () => {
  const labels = someValues(6, 3);
  const halves = scores.map((score, i) => (score - at(labels, i)) ** 2 / 2);

  test('half the squared difference, a number per sample', async () => {
    const loss = new L2Loss().forward(arrayOf(scores, [2, 3]), arrayOf(labels, [2, 3]));
    expect(loss.shape).toEqual([2]);
    expectClose(await numbersOf(loss), rowsOf(halves, 3).map(mean));
  });

  test('labels take the shape of the prediction; weight and batchAxis', async () => {
    const loss = new L2Loss({ weight: 3, batchAxis: 1 }).forward(arrayOf(scores, [2, 3]), arrayOf(labels, [6]));
    const columns = [0, 1, 2].map((c) => 3 * mean([at(halves, c), at(halves, c + 3)]));
    expectClose(await numbersOf(loss), columns);
  });

  test('one number per sample already', async () => {
    expectClose(await numbersOf(new L2Loss().forward(arrayOf(scores), arrayOf(labels))), halves);
  });

  test('samples can weigh differently', async () => {
    const loss = new L2Loss();
    const found = loss.forward(arrayOf(scores, [2, 3]), arrayOf(labels, [2, 3]), arrayOf([0, 2], [2, 1]));
    expectClose(await numbersOf(found), [0, 2 * mean(halves.slice(3))]);
  });

  test('its gradients agree with differences', async () => {
    const inputs = [arrayOf(scores, [2, 3]), arrayOf(labels, [2, 3])];
    await checkGradients({ block: new L2Loss(), inputs, differentiable: [0, 1] });
  });
});

describe('SoftmaxCrossEntropyLoss', () => {
  const rows = rowsOf(scores, 3);
  const expected = rows.map((row, i) => crossEntropy(row, at([2, 0], i)));

  test('the negative logarithm of the probability of the label', async () => {
    const loss = new SoftmaxCrossEntropyLoss().forward(arrayOf(scores, [2, 3]), indicesOf([2, 0]));
    expect(loss.shape).toEqual([2]);
    expectClose(await numbersOf(loss), expected);
  });

  test('labels may be floats, as they come from data sets', async () => {
    expectClose(
      await numbersOf(new SoftmaxCrossEntropyLoss().forward(arrayOf(scores, [2, 3]), arrayOf([2, 0]))),
      expected,
    );
  });

  test('scores of hundreds do not overflow', async () => {
    const loss = new SoftmaxCrossEntropyLoss().forward(arrayOf([1000, 0, -1000], [1, 3]), indicesOf([1]));
    expectClose(await numbersOf(loss), [1000]);
  });

  test('labels as probabilities', async () => {
    const loss = new SoftmaxCrossEntropyLoss({ sparseLabel: false });
    const found = loss.forward(arrayOf(scores, [2, 3]), arrayOf([0.5, 0.5, 0, 0, 0, 1], [2, 3]));
    const [first = [], second = []] = rows;
    expectClose(await numbersOf(found), [
      (crossEntropy(first, 0) + crossEntropy(first, 1)) / 2,
      crossEntropy(second, 2),
    ]);
  });

  test('logarithms of probabilities in place of scores', async () => {
    const logs = rows.flatMap((row) => row.map((_, i) => -crossEntropy(row, i)));
    const loss = new SoftmaxCrossEntropyLoss({ fromLogits: true });
    expectClose(await numbersOf(loss.forward(arrayOf(logs, [2, 3]), indicesOf([2, 0]))), expected);
  });

  test('classes along another axis: the mean over the positions of a sample', async () => {
    const x = someValues(12);
    // Two samples, three classes, two positions.
    const found = new SoftmaxCrossEntropyLoss({ axis: 1 }).forward(
      arrayOf(x, [2, 3, 2]),
      indicesOf([0, 1, 2, 0], [2, 2]),
    );
    const column = (sample: number, position: number) => [0, 1, 2].map((c) => at(x, sample * 6 + c * 2 + position));
    const labels = [
      [0, 1],
      [2, 0],
    ];
    const samples = labels.map((of, sample) =>
      mean(of.map((label, position) => crossEntropy(column(sample, position), label))),
    );
    expectClose(await numbersOf(found), samples);
  });

  test('its gradients agree with differences', async () => {
    const inputs = [arrayOf(someValues(6), [2, 3]), indicesOf([1, 2])];
    await checkGradients({ block: new SoftmaxCrossEntropyLoss(), inputs, differentiable: [0] });
  });
});

test.each([
  ['L2Loss', new L2Loss(), [3, 3]],
  ['SoftmaxCrossEntropyLoss', new SoftmaxCrossEntropyLoss(), [3]],
  ['SoftmaxCrossEntropyLoss of another axis', new SoftmaxCrossEntropyLoss({ axis: 0, weight: 2 }), [3]],
  ['SoftmaxCrossEntropyLoss of probabilities', new SoftmaxCrossEntropyLoss({ sparseLabel: false }), [3, 3]],
] as const)('a training step with %s leaves nothing behind', async (_, lossOf, shape) => {
  const runtime = openRuntime();
  const scored = array(someValues(9), { shape: [3, 3], dtype: 'float32', runtime });
  scored.attachGrad();
  const labels = ones(shape, { runtime });
  const before = await runtime.census();
  for (let i = 0; i < 10; i++) {
    const loss = autograd.record(() => lossOf.forward(scored, labels));
    await loss.backward();
    loss.dispose();
  }
  expect(await runtime.census()).toEqual(before);
});
