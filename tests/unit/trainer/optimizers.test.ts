import { describe, expect, test } from 'vitest';
import { cpu } from '../../../core/device/device.ts';
import { InvalidArgumentError, InvalidStateError, UnsupportedDTypeError } from '../../../core/errors.ts';
import { Adam, AdamW } from '../../../core/trainer/adam.ts';
import type { Optimizer } from '../../../core/trainer/optimizer.ts';
import { createOptimizer, registerOptimizer } from '../../../core/trainer/optimizer-registry.ts';
import { SGD } from '../../../core/trainer/sgd.ts';
import { Updater } from '../../../core/trainer/updater.ts';
import { float32, rowSparse, runtime, valuesOf } from './arrays.ts';

/** One weight under an optimizer, written out: `state` survives from step to step. */
type Rule = (w: number, g: number, step: { readonly t: number; readonly state: Record<string, number> }) => number;

const WEIGHTS = [0.5, -1.25, 3, 0, -0.001, 7.5];
const GRADIENTS = [
  [0.1, -0.2, 30, 1e-3, 0, -4],
  [0.3, 0.4, -20, 1, 1e-6, 2],
  [-0.5, 0, 1, -1, 0.25, 2],
];

async function expectToFollow(optimizer: Optimizer, rule: Rule): Promise<void> {
  const updater = new Updater(optimizer);
  const weight = float32(WEIGHTS);
  const states: Record<string, number>[] = WEIGHTS.map(() => ({}));
  let expected = [...WEIGHTS];
  for (const [step, gradients] of GRADIENTS.entries()) {
    updater.update(0, float32(gradients), weight);
    expected = expected.map((w, i) => rule(w, gradients[i] ?? 0, { t: step + 1, state: states[i] ?? {} }));
    const values = await valuesOf(weight);
    values.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i] ?? Number.NaN, 5);
    });
  }
}

function clip(value: number, bound: number): number {
  return Math.max(-bound, Math.min(bound, value));
}

function adamStep(state: Record<string, number>, g: number, epsilon: number): number {
  state.m = 0.8 * (state.m ?? 0) + 0.2 * g;
  state.v = 0.9 * (state.v ?? 0) + 0.1 * g * g;
  return state.m / (Math.sqrt(state.v) + epsilon);
}

function correction(t: number): number {
  return Math.sqrt(1 - 0.9 ** t) / (1 - 0.8 ** t);
}

describe('the arithmetic of an update', () => {
  test('sgd: w -= lr (clip(rescale grad) + wd w)', async () => {
    const options = { learningRate: 0.2, wd: 0.05, rescaleGrad: 0.5, clipGradient: 1.5 };
    await expectToFollow(new SGD(options), (w, g) => w - 0.2 * (clip(0.5 * g, 1.5) + 0.05 * w));
  });

  test('sgd with momentum: m = momentum m - lr g, w += m', async () => {
    const options = { learningRate: 0.2, momentum: 0.9, wd: 0.05, rescaleGrad: 0.5 };
    await expectToFollow(new SGD(options), (w, g, { state }) => {
      state.m = 0.9 * (state.m ?? 0) - 0.2 * (0.5 * g + 0.05 * w);
      return w + state.m;
    });
  });

  test('adam: weight decay is part of the gradient, the rate is corrected for the bias', async () => {
    const options = { learningRate: 0.1, beta1: 0.8, beta2: 0.9, epsilon: 1e-4, wd: 0.05, clipGradient: 2 };
    await expectToFollow(
      new Adam(options),
      (w, g, { t, state }) => w - 0.1 * correction(t) * adamStep(state, clip(g, 2) + 0.05 * w, 1e-4),
    );
  });

  test('adamw: weight decay is apart from the moments', async () => {
    const options = { learningRate: 0.1, beta1: 0.8, beta2: 0.9, epsilon: 1e-4, wd: 0.05 };
    await expectToFollow(
      new AdamW(options),
      (w, g, { t, state }) => w - 0.1 * correction(t) * (adamStep(state, g, 1e-4) + 0.05 * w),
    );
  });

  test('adamw without bias correction', async () => {
    const options = { learningRate: 0.1, beta1: 0.8, beta2: 0.9, epsilon: 1e-4, correctBias: false };
    await expectToFollow(new AdamW(options), (w, g, { state }) => w - 0.1 * adamStep(state, g, 1e-4));
  });

  test('arrays longer than a block are updated to their end', async () => {
    const size = 16_384 * 2 + 5;
    const weight = float32(new Array(size).fill(1));
    new Updater(new SGD({ learningRate: 1 })).update(0, float32(Array.from({ length: size }, (_, i) => i)), weight);
    const values = await valuesOf(weight);
    expect(values[16_384]).toBe(1 - 16_384);
    expect(values.at(-1)).toBe(2 - size);
  });
});

describe('dtypes', () => {
  test('float64 keeps its precision', async () => {
    const weight = float32([1]).asType('float64');
    new Updater(new SGD({ learningRate: 2 ** -50 })).update(0, float32([1]).asType('float64'), weight);
    expect(await valuesOf(weight)).toEqual([1 - 2 ** -50]);
  });

  test('float16 weights are rounded after every update, and lose small ones', async () => {
    const weight = float32([1]).asType('float16');
    const updater = new Updater(new SGD({ learningRate: 2 ** -13 }));
    for (let i = 0; i < 8; i++) updater.update(0, float32([1]).asType('float16'), weight);
    expect(await valuesOf(weight)).toEqual([1]);
  });

  test('multiPrecision keeps a float32 copy, in which small updates add up', async () => {
    const weight = float32([1]).asType('float16');
    const updater = new Updater(new SGD({ learningRate: 2 ** -13, momentum: 0.5, multiPrecision: true }));
    for (let i = 0; i < 8; i++) updater.update(0, float32([1]).asType('float16'), weight);
    const { momentum, weight32 } = updater.states.get(0) ?? {};
    expect([momentum?.dtype, weight32?.dtype, weight.dtype]).toEqual(['float32', 'float32', 'float16']);
    const [exact = 0] = weight32 ? await valuesOf(weight32) : [];
    expect(exact).toBeLessThan(1);
    expect((await valuesOf(weight))[0]).toBeCloseTo(exact, 3);
    expect((await valuesOf(weight))[0]).toBeLessThan(1);
  });

  test('weights that are no floats are refused before anything is enqueued', () => {
    const weight = runtime.zeros({ shape: [2], dtype: 'int32' });
    const update = () => new Updater(new SGD()).update(0, weight, weight);
    expect(update).toThrow(UnsupportedDTypeError);
    expect(update).toThrow(/int32/);
  });
});

describe('row_sparse gradients', () => {
  const shape = [3, 2] as const;

  test('lazy updates change just the rows of the gradient, weight decay and momentum included', async () => {
    const weight = float32([1, 1, 1, 1, 1, 1], { shape });
    const updater = new Updater(new SGD({ learningRate: 0.5, momentum: 0.5, wd: 0.1, lazyUpdate: true }));
    updater.update('w', rowSparse({ 0: [1, 2], 2: [3, 4] }, { shape }), weight);
    updater.update('w', rowSparse({ 2: [0, 0] }, { shape }), weight);
    const first = (g: number) => 1 - 0.5 * (g + 0.1);
    const second = (g: number) => first(g) - 0.5 * 0.5 * (g + 0.1) - 0.5 * 0.1 * first(g);
    const expected = [first(1), first(2), 1, 1, second(3), second(4)];
    (await valuesOf(weight)).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i] ?? Number.NaN, 6);
    });
  });

  test('standard updates take absent rows as zeros, and decay every row', async () => {
    const weight = float32([1, 1, 1, 1, 1, 1], { shape });
    const updater = new Updater(new SGD({ learningRate: 0.5, wd: 0.5 }));
    updater.update('w', rowSparse({ 1: [1, -1] }, { shape }), weight);
    expect(await valuesOf(weight)).toEqual([0.75, 0.75, 0.25, 1.25, 0.75, 0.75]);
  });

  test('adam updates rows lazily too', async () => {
    const weight = float32([1, 1, 1, 1, 1, 1], { shape });
    const updater = new Updater(new Adam({ learningRate: 0.1, lazyUpdate: true }));
    updater.update('w', rowSparse({ 1: [5, -5] }, { shape }), weight);
    const values = await valuesOf(weight);
    expect(values.filter((_, i) => i < 2 || i > 3)).toEqual([1, 1, 1, 1]);
    expect(values[2]).toBeCloseTo(0.9, 5);
    expect(values[3]).toBeCloseTo(1.1, 5);
  });
});

describe('arguments', () => {
  test('names are found in any case (T-006)', () => {
    expect(createOptimizer('SGD', { learningRate: 3 })).toBeInstanceOf(SGD);
    expect(createOptimizer('AdamW')).toBeInstanceOf(AdamW);
    expect(() => createOptimizer('nadam')).toThrow(InvalidArgumentError);
    expect(() => createOptimizer('nadam')).toThrow(/Cannot find optimizer "nadam".*sgd, adam, adamw/);
  });

  test('an optimizer of one’s own can be registered', () => {
    registerOptimizer('Sign', () => new SGD({ clipGradient: 1e-9, rescaleGrad: 1e9 }));
    expect(createOptimizer('sign').clipGradient).toBe(1e-9);
  });

  test.each([
    ['sgd', { beta1: 0.9 }, /sgd.*beta1/],
    ['adam', { beta1: 1 }, /adam.*beta1.*below 1/],
    ['adam', { momentum: 0.9 }, /adam.*momentum/],
    ['sgd', { learningRate: Number.NaN }, /sgd.*learningRate/],
    ['sgd', { clipGradient: -1 }, /sgd.*clipGradient/],
    ['sgd', { lazyUpdate: true, multiPrecision: true }, /lazyUpdate and multiPrecision/],
  ])('%s refuses %j', (name, options, message) => {
    const create = () => createOptimizer(name, options);
    expect(create).toThrow(InvalidArgumentError);
    expect(create).toThrow(message);
  });

  test('defaults are MXNet’s', () => {
    const [sgd, adam, adamw] = [new SGD(), new Adam(), new AdamW()];
    expect([sgd.learningRate, sgd.momentum, sgd.wd, sgd.aggregateNum]).toEqual([0.1, 0, 0, 1]);
    expect([adam.learningRate, adam.beta1, adam.beta2, adam.epsilon]).toEqual([0.001, 0.9, 0.999, 1e-8]);
    expect([adamw.learningRate, adamw.epsilon, adamw.aggregateNum]).toEqual([0.001, 1e-6, 4]);
  });

  test('factors of a weight act at once', () => {
    const optimizer = new SGD({ learningRate: 0.1, wd: 0.5 });
    const factors = { lrMult: 1, wdMult: 1 };
    optimizer.paramDict = new Map([[0, factors]]);
    factors.lrMult = 2;
    factors.wdMult = 3;
    expect([optimizer.lrOf(0), optimizer.wdOf(0), optimizer.lrOf(1)]).toEqual([0.2, 1.5, 0.1]);
  });

  test('a scheduler is asked with the most updates of any weight, and cannot be overruled (T-022)', () => {
    const optimizer = new SGD({ lrScheduler: (count) => 1 / (count + 1) });
    const updater = new Updater(optimizer);
    expect(optimizer.learningRate).toBe(1);
    updater.update(0, float32([1]), float32([1]));
    updater.update(0, float32([1], { device: cpu(1) }), float32([1], { device: cpu(1) }));
    updater.update(1, float32([1]), float32([1]));
    expect([optimizer.numUpdate, optimizer.learningRate]).toEqual([1, 0.5]);
    expect(() => optimizer.setLearningRate(1)).toThrow(InvalidStateError);
    expect(() => new SGD().setLearningRate(Number.POSITIVE_INFINITY)).toThrow(InvalidArgumentError);
  });
});
