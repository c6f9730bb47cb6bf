import { describe, expect, test } from 'vitest';
import { InvalidArgumentError, ShapeMismatchError } from '../../../core/errors.ts';
import { setSeed } from '../../../core/initializer/index.ts';
import { Activation, type ActivationName } from '../../../core/nn/activation.ts';
import type { Block } from '../../../core/nn/block.ts';
import { Conv2D, type Conv2DOptions, type Pair } from '../../../core/nn/conv2d.ts';
import { Dense } from '../../../core/nn/dense.ts';
import { Dropout } from '../../../core/nn/dropout.ts';
import { Embedding } from '../../../core/nn/embedding.ts';
import { Flatten } from '../../../core/nn/flatten.ts';
import type { Parameter } from '../../../core/parameter/parameter.ts';
import { pause, record, trainMode } from '../../../core/symbol/autograd.ts';
import { at, conv2d, dense } from './arithmetic.ts';
import { arrayOf, checkGradients, expectClose, indicesOf, numbersOf, someValues } from './gradient-check.ts';

function setTo(parameter: Parameter, values: readonly number[]): void {
  parameter.setData(arrayOf(values, parameter.shape ?? []));
}

describe('Dense', () => {
  test.each([
    [{}, [2, 3], [2, 4]],
    [{ flatten: true }, [2, 3, 2], [2, 4]],
    [{ flatten: false }, [2, 3, 2], [2, 3, 4]],
    [{ useBias: false }, [2, 3], [2, 4]],
  ])('%j of an input of shape %j is x·weightᵀ + bias', async (options, shape, outShape) => {
    const layer = new Dense(4, options);
    layer.initialize();
    const x = arrayOf(someValues(shape.reduce((a, b) => a * b)), shape);
    const y = layer.forward(x);
    expect(y.shape).toEqual(outShape);
    const inUnits = at(layer.weight.shape ?? [], 1);
    if (layer.bias) setTo(layer.bias, [1, 2, 3, 4]);
    const bias = layer.bias ? [1, 2, 3, 4] : [];
    const weight = await numbersOf(layer.weight.data());
    expectClose(await numbersOf(layer.forward(x)), dense(await numbersOf(x), weight, { inUnits, bias }));
  });

  test('its gradients agree with differences, activation included', async () => {
    const layer = new Dense(3, { activation: 'tanh' });
    layer.initialize({ init: 'xavier' });
    const x = arrayOf(someValues(8), [2, 4]);
    await checkGradients({ block: layer, inputs: [x], differentiable: [0] });
  });

  test('an input of another width is refused by name', () => {
    const layer = new Dense(3, { inUnits: 4 });
    layer.initialize();
    expect(() => layer.forward(arrayOf(someValues(6), [2, 3]))).toThrow(ShapeMismatchError);
    expect(() => layer.forward(arrayOf(someValues(6), [2, 3]))).toThrow(/fully_connected/);
  });

  test.each([0, -3, 1.5, Number.NaN])('%s units are refused', (units) => {
    expect(() => new Dense(units)).toThrow(InvalidArgumentError);
  });
});

describe('Conv2D', () => {
  test.each<[Pair, Conv2DOptions]>([
    [3, {}],
    [[2, 3], { strides: [2, 1], padding: [1, 2] }],
    [2, { dilation: 2, padding: 1 }],
    [3, { groups: 2, padding: 1, useBias: false }],
  ])('a kernel of %j with %j', async (kernelSize, options) => {
    const image = [2, 4, 5, 6] as const;
    const layer = new Conv2D(6, kernelSize, options);
    layer.initialize({ init: 'xavier' });
    const x = arrayOf(someValues(240), image);
    const shape = layer.forward(x).shape;
    const filter = layer.weight.shape ?? [];
    if (layer.bias) setTo(layer.bias, someValues(6));
    const expected = conv2d(await numbersOf(x), await numbersOf(layer.weight.data()), {
      image,
      filter: [at(filter, 0), at(filter, 1), at(filter, 2), at(filter, 3)],
      strides: pair(options.strides ?? 1),
      padding: pair(options.padding ?? 0),
      dilation: pair(options.dilation ?? 1),
      groups: options.groups ?? 1,
      bias: layer.bias ? someValues(6) : [],
    });
    const y = layer.forward(x);
    expect(y.shape).toEqual(shape);
    expectClose(await numbersOf(y), expected);
  });

  test('its gradients agree with differences', async () => {
    const layer = new Conv2D(2, [2, 3], { strides: [2, 1], padding: [0, 1], activation: 'sigmoid' });
    layer.initialize({ init: 'xavier' });
    const x = arrayOf(someValues(2 * 2 * 4 * 3), [2, 2, 4, 3]);
    await checkGradients({ block: layer, inputs: [x], differentiable: [0] });
  });

  test('the first input tells its channels, which groups divide', () => {
    const layer = new Conv2D(4, 3, { groups: 2, padding: 1 });
    layer.initialize();
    expect(layer.weight.shape).toEqual([4, -1, 3, 3]);
    layer.forward(arrayOf(someValues(6 * 4), [1, 6, 2, 2]));
    expect(layer.weight.shape).toEqual([4, 3, 3, 3]);
  });

  test.each<[string, () => Conv2D]>([
    ['groups that do not divide the channels', () => new Conv2D(3, 3, { groups: 2 })],
    ['groups that do not divide the input channels', () => new Conv2D(4, 3, { groups: 2, inChannels: 3 })],
    ['three kernel sizes', () => new Conv2D(4, [1, 2, 3] as never)],
    ['a stride of 0', () => new Conv2D(4, 3, { strides: 0 })],
    ['a negative padding', () => new Conv2D(4, 3, { padding: -1 })],
  ])('%s: refused', (_, make) => {
    expect(make).toThrow(InvalidArgumentError);
  });
});

describe('Embedding', () => {
  test('gives the row of each index', async () => {
    const layer = new Embedding(4, 3);
    layer.initialize();
    setTo(layer.weight, [0, 1, 2, 10, 11, 12, 20, 21, 22, 30, 31, 32]);
    const y = layer.forward(indicesOf([3, 1, 1, 0], [2, 2]));
    expect(y.shape).toEqual([2, 2, 3]);
    expect(await numbersOf(y)).toEqual([30, 31, 32, 10, 11, 12, 10, 11, 12, 0, 1, 2]);
  });

  test('its gradient agrees with differences; rows that were looked up twice get both', async () => {
    const layer = new Embedding(4, 2);
    layer.initialize({ init: 'xavier' });
    await checkGradients({ block: layer, inputs: [indicesOf([1, 3, 1])] });
  });

  test('sparseGrad: the gradient is row_sparse and holds the rows that were looked up', async () => {
    const layer = new Embedding(5, 2, { sparseGrad: true });
    layer.initialize();
    const y = record(() => layer.forward(indicesOf([3, 1, 3])));
    await y.backward(arrayOf([1, 2, 3, 4, 5, 6], [3, 2]));
    const grad = layer.weight.grad();
    expect(grad.stype).toBe('row_sparse');
    const dense = grad.toStype('default');
    expect(await numbersOf(dense)).toEqual([0, 0, 3, 4, 0, 0, 6, 8, 0, 0]);
  });
});

describe('Activation and Flatten', () => {
  const x = [-2, -0.5, 0.25, 3];

  test.each<[ActivationName, (x: number) => number]>([
    ['relu', (v) => Math.max(0, v)],
    ['sigmoid', (v) => 1 / (1 + Math.exp(-v))],
    ['tanh', Math.tanh],
    ['softrelu', (v) => Math.log1p(Math.exp(v))],
    ['softsign', (v) => v / (1 + Math.abs(v))],
  ])('%s', async (name, expected) => {
    const layer = new Activation(name);
    expectClose(await numbersOf(layer.forward(arrayOf(x))), x.map(expected));
    await checkGradients({ block: layer, inputs: [arrayOf(x)], differentiable: [0] });
  });

  test('an unknown activation is refused', () => {
    expect(() => new Activation('swoosh' as never)).toThrow(/relu, sigmoid/);
    expect(() => new Dense(1, { activation: 'swoosh' as never })).toThrow(InvalidArgumentError);
  });

  test('Flatten leaves the first axis', async () => {
    const y = new Flatten().forward(arrayOf(someValues(12), [2, 3, 2]));
    expect(y.shape).toEqual([2, 6]);
    expectClose(await numbersOf(y), someValues(12));
  });
});

describe('Dropout', () => {
  const ones = () => arrayOf(new Array(4000).fill(1), [40, 100]);

  test('passes its input on unless it trains', async () => {
    const x = ones();
    expect(new Dropout(0.5).forward(x)).toBe(x);
    expect(pause(() => new Dropout(0.5).forward(x))).toBe(x);
  });

  test('in training, drops about as many as it should and scales the rest', async () => {
    setSeed(4);
    const values = await numbersOf(trainMode(() => new Dropout(0.25).forward(ones())));
    const kept = values.filter((value) => value !== 0);
    expectClose(kept, new Array(kept.length).fill(4 / 3), 1e-6);
    // Four standard deviations of a binomial distribution.
    expect(Math.abs(kept.length - 3000)).toBeLessThan(4 * Math.sqrt(4000 * 0.25 * 0.75));
  });

  test('axes share one decision', async () => {
    const values = await numbersOf(trainMode(() => new Dropout(0.5, { axes: [1] }).forward(ones())));
    for (let row = 0; row < 40; row++) expect(new Set(values.slice(row * 100, (row + 1) * 100)).size).toBe(1);
    expect(new Set(values)).toEqual(new Set([0, 2]));
  });

  test('its gradient is its mask', async () => {
    const before = () => setSeed(11);
    await checkGradients({ block: new Dropout(0.5), inputs: [arrayOf(someValues(6))], differentiable: [0], before });
  });

  test.each([-0.1, 1, Number.NaN])('a rate of %s is refused', (rate) => {
    expect(() => new Dropout(rate)).toThrow(InvalidArgumentError);
  });
});

test.each<[string, Block]>([
  ['Dense(None -> 3, linear)', new Dense(3)],
  ['Conv2D(4 -> 8, kernel_size=(3, 3), stride=(1, 1))', new Conv2D(8, 3, { inChannels: 4 })],
  [
    'Conv2D(None -> 8, kernel_size=(3, 1), stride=(2, 2), padding=(1, 0), dilation=(2, 2), groups=4, bias=False, relu)',
    new Conv2D(8, [3, 1], { strides: 2, padding: [1, 0], dilation: 2, groups: 4, useBias: false, activation: 'relu' }),
  ],
  ['Embedding(10 -> 4, float32)', new Embedding(10, 4)],
  ['Dropout(p = 0.5, axes=(1))', new Dropout(0.5, { axes: [1] })],
  ['Activation(relu)', new Activation('relu')],
  ['Flatten', new Flatten()],
])('%s', (text, layer) => {
  expect(String(layer)).toBe(text);
});

function pair(value: Pair): readonly [number, number] {
  return typeof value === 'number' ? [value, value] : value;
}
