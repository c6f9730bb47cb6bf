import { describe, expect, test } from 'vitest';
import { cpu } from '../../../core/device/device.ts';
import {
  InvalidArgumentError,
  OutOfMemoryError,
  ShapeMismatchError,
  UnsupportedDTypeError,
} from '../../../core/errors.ts';
import {
  Bilinear,
  Constant,
  type Initializer,
  LSTMBias,
  MSRAPrelu,
  One,
  Orthogonal,
  RNNFused,
  type RNNFusedOptions,
  Uniform,
  Xavier,
  Zero,
} from '../../../core/initializer/index.ts';
import type { DType } from '../../../core/ndarray/dtype.ts';
import { HOLDABLE_DTYPES, openRuntime } from '../device/runtimes.ts';
import { momentsOf, valuesOf, weightOf, zeros } from './targets.ts';

const runtime = openRuntime();

describe('Zero, One and Constant', () => {
  test.each(HOLDABLE_DTYPES.filter((dtype) => !dtype.startsWith('complex')))('set %s', async (dtype) => {
    const shape = [2, 2];
    // float8_e8m0fnu has no zero.
    if (dtype !== 'float8_e8m0fnu') expect(await weightOf(Zero(), { runtime, shape, dtype })).toEqual([0, 0, 0, 0]);
    expect(await weightOf(One(), { runtime, shape, dtype })).toEqual([1, 1, 1, 1]);
    const two = dtype === 'bool' ? 1 : 2;
    expect(await weightOf(Constant(2), { runtime, shape, dtype })).toEqual([two, two, two, two]);
    expect(await weightOf(Constant([[2], [1]]), { runtime, shape, dtype })).toEqual([two, two, 1, 1]);
  });

  test('set complex arrays, and 64-bit integers exactly', async () => {
    expect(await weightOf(Constant(2), { runtime, shape: [2], dtype: 'complex64' })).toEqual([2, 0, 2, 0]);
    const array = zeros({ runtime, shape: [2], dtype: 'int64' });
    Constant(2n ** 60n + 1n).initWeight('w', array);
    expect(await array.data()).toEqual(BigInt64Array.of(2n ** 60n + 1n, 2n ** 60n + 1n));
    Constant([2n ** 60n + 1n, -1]).initWeight('w', array);
    expect(await array.data()).toEqual(BigInt64Array.of(2n ** 60n + 1n, -1n));
  });

  test('round to the dtype, and keep NaN, infinities and the sign of zero', async () => {
    expect(await weightOf(Constant(2.9), { runtime, shape: [1], dtype: 'int8' })).toEqual([2]);
    expect(await weightOf(Constant(0.1), { runtime, shape: [1], dtype: 'float16' })).toEqual([0.0999755859375]);
    expect(await weightOf(Constant(Number.NaN), { runtime, shape: [1] })).toEqual([Number.NaN]);
    expect(await weightOf(Constant(-Infinity), { runtime, shape: [1] })).toEqual([-Infinity]);
    expect(Object.is((await weightOf(Constant(-0), { runtime, shape: [1] }))[0], -0)).toBe(true);
  });

  test('Constant broadcasts lists', async () => {
    const shape = [2, 2, 3];
    expect(await weightOf(Constant([1, 2, 3]), { runtime, shape })).toEqual([1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3]);
    expect(await weightOf(Constant([[[1], [2]]]), { runtime, shape })).toEqual([1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2]);
    expect(await weightOf(Constant([[[1]], [[2]]]), { runtime, shape })).toEqual([1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2]);
  });

  test('Constant takes an array of another device and dtype, and leaves it as it is', async () => {
    const bytes = Uint8Array.of(1, 2, 3);
    const source = runtime.fromBytes({ shape: [3], dtype: 'int8', device: cpu(1), bytes });
    expect(await weightOf(Constant(source), { runtime, shape: [2, 3] })).toEqual([1, 2, 3, 1, 2, 3]);
    expect(await valuesOf(source)).toEqual([1, 2, 3]);
    const before = (await runtime.census()).arrays;
    for (let i = 0; i < 5; i++) await weightOf(Constant(source), { runtime, shape: [2, 3] });
    expect((await runtime.census()).arrays).toBe(before);
  });

  test.each([
    [[1, 2], [3]],
    [
      [
        [1, 2],
        [3, 4],
      ],
      [2],
    ],
    [
      [[1], [2], [3]],
      [2, 2],
    ],
  ])('Constant(%j) does not fit %j', (value, shape) => {
    const array = zeros({ runtime, shape });
    expect(() => Constant(value).initWeight('w', array)).toThrow(ShapeMismatchError);
    expect(() => Constant(value).initWeight('w', array)).toThrow(/cannot be broadcast to w, whose shape is/);
  });

  test('Constant refuses what is no number, and ragged lists', () => {
    for (const value of ['1', null, undefined, {}, [1, 'x']]) {
      expect(() => Constant(value as unknown as number)).toThrow(InvalidArgumentError);
    }
    const array = zeros({ runtime, shape: [2, 2] });
    expect(() => Constant([[1, 2], [3]]).initWeight('w', array)).toThrow(/one length on each level/);
    expect(() => Constant([[1, 2], 3]).initWeight('w', array)).toThrow(/one length on each level/);
  });
});

describe('Xavier', () => {
  test.each([
    [[64, 100], {}, 0.19127],
    [[32, 16, 3, 3], {}, 0.11785],
    [[32, 16, 3, 3], { factorType: 'in' }, 0.14434],
    [[32, 16, 3, 3], { factorType: 'out' }, 0.10206],
    [[64, 100], { magnitude: 2.24 }, 0.16528],
  ])('of %j with %j draws within c', async (shape, options, c) => {
    const { min, max } = momentsOf(await weightOf(Xavier(options), { runtime, shape }));
    expect(max).toBeLessThanOrEqual(c + 1e-5);
    expect(min).toBeGreaterThanOrEqual(-c - 1e-5);
    expect(max - min).toBeGreaterThan(1.98 * c);
  });

  test.each([Xavier(), MSRAPrelu(), Xavier({ factorType: 'x' })])('refuses vectors first: %s', (initializer) => {
    for (const shape of [[3], []]) {
      const attempt = () => initializer.initWeight('fc_bias', zeros({ runtime, shape }));
      expect(attempt).toThrow(ShapeMismatchError);
      expect(attempt).toThrow('Xavier initializer cannot be applied to vector fc_bias. It requires at least 2D');
    }
  });

  test('refuses a bad factor type, then a bad random type, when it is applied', async () => {
    const array = zeros({ runtime, shape: [2, 2] });
    const bad = Xavier({ factorType: 'mean', rndType: 'normal' });
    expect(() => bad.initWeight('w', array)).toThrow(InvalidArgumentError);
    expect(() => bad.initWeight('w', array)).toThrow('Incorrect factor type mean for w: expected avg, in or out.');
    const worse = Xavier({ rndType: 'normal' });
    expect(() => worse.initWeight('w', array)).toThrow(InvalidArgumentError);
    expect(() => worse.initWeight('w', array)).toThrow(
      'Unknown random type normal for w: expected uniform or gaussian.',
    );
    expect(await valuesOf(array)).toEqual([0, 0, 0, 0]);
  });
});

describe('Orthogonal', () => {
  /** The greatest deviation of the products of the rows (columns where there are fewer) from scale²·I. */
  function deviation(values: readonly number[], rows: number, columns: number, scale: number): number {
    const [count, length] = rows <= columns ? [rows, columns] : [columns, rows];
    const at = (i: number, k: number) => (rows <= columns ? values[i * columns + k]! : values[k * columns + i]!);
    let worst = 0;
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < count; j++) {
        let product = 0;
        for (let k = 0; k < length; k++) product += at(i, k) * at(j, k);
        worst = Math.max(worst, Math.abs(product - (i === j ? scale ** 2 : 0)));
      }
    }
    return worst;
  }

  const SHAPES: readonly (readonly number[])[] = [
    [16, 16],
    [8, 32],
    [32, 8],
    [8, 4, 3, 3],
    [1, 1],
    [1, 7],
    [7, 1],
    [100, 3],
  ];

  test.each(SHAPES)('of (%j, %j, …)', async (...shape) => {
    const rows = shape[0]!;
    const columns = shape.slice(1).reduce((product, size) => product * size, 1);
    for (const randType of ['uniform', 'normal']) {
      expect(
        deviation(await weightOf(Orthogonal({ randType, scale: 1 }), { runtime, shape }), rows, columns, 1),
      ).toBeLessThan(1e-5);
      expect(
        deviation(await weightOf(Orthogonal({ randType }), { runtime, shape }), rows, columns, Orthogonal().scale),
      ).toBeLessThan(1e-5);
    }
  });

  test('of a larger square, where rounding adds up', async () => {
    const values = await weightOf(Orthogonal({ scale: 1 }), { runtime, shape: [200, 200], dtype: 'float64' });
    expect(deviation(values, 200, 200, 1)).toBeLessThan(1e-12);
  });

  test.each([
    [31, 70],
    [33, 33],
    [67, 67],
    [70, 35],
  ])('of (%i, %i), which panels and tiles do not divide', async (...shape) => {
    for (const randType of ['uniform', 'normal']) {
      const values = await weightOf(Orthogonal({ scale: 1, randType }), { runtime, shape, dtype: 'float64' });
      expect(deviation(values, ...shape, 1)).toBeLessThan(1e-13);
    }
  });

  test('has no preferred sign: of normal values every orthogonal matrix is as likely', async () => {
    let [diagonal, determinants] = [0, 0];
    for (let i = 0; i < 400; i++) {
      const [a, b, c, d] = await weightOf(Orthogonal({ scale: 1, randType: 'normal' }), { runtime, shape: [2, 2] });
      diagonal += a!;
      determinants += a! * d! - b! * c!;
    }
    expect(Math.abs(diagonal / 400)).toBeLessThan(4 * Math.sqrt(0.5 / 400));
    expect(Math.abs(determinants / 400)).toBeLessThan(4 / Math.sqrt(400));
  });

  test('asks for the memory that it works in before it changes anything', async () => {
    const tight = openRuntime({ memoryBudget: 5000 });
    const array = tight.zeros({ shape: [16, 16], dtype: 'float32' });
    Orthogonal({ scale: 1 }).initWeight('w', array);
    expect(deviation(await valuesOf(array), 16, 16, 1)).toBeLessThan(1e-5);
    expect(tight.heldBytes()).toBe(1024);
    const others = tight.zeros({ shape: [700], dtype: 'float32' });
    const before = await valuesOf(array);
    expect(() => Orthogonal().initWeight('w', array)).toThrow(OutOfMemoryError);
    expect(await valuesOf(array)).toEqual(before);
    others.dispose();
  });

  test('refuses vectors, other random types and integers', () => {
    const of = (shape: readonly number[], dtype: DType = 'float32') => zeros({ runtime, shape, dtype });
    expect(() => Orthogonal().initWeight('b', of([3]))).toThrow(ShapeMismatchError);
    expect(() => Orthogonal().initWeight('b', of([3]))).toThrow(/cannot be applied to vector b/);
    expect(() => Orthogonal({ randType: 'gaussian' }).initWeight('w', of([2, 2]))).toThrow(InvalidArgumentError);
    expect(() => Orthogonal({ randType: 'gaussian' }).initWeight('w', of([2, 2]))).toThrow(
      'expected uniform or normal',
    );
    expect(() => Orthogonal().initWeight('w', of([2, 2], 'int32'))).toThrow(UnsupportedDTypeError);
  });
});

describe('Bilinear', () => {
  test('is the outer product of the tent with itself, in every channel', async () => {
    const tent = [0.25, 0.75, 0.75, 0.25];
    const plane = tent.flatMap((y) => tent.map((x) => x * y));
    expect(await weightOf(Bilinear(), { runtime, shape: [1, 1, 4, 4] })).toEqual(plane);
    expect(await weightOf(Bilinear(), { runtime, shape: [2, 3, 4, 4] })).toEqual(Array(6).fill(plane).flat());
  });

  test('takes its factor from the width, also where it is odd', async () => {
    // f = ceil(3 / 2) = 2, c = (2·2 - 1 - 0) / 4 = 0.75: x = 0, 1, 2 gives 0.25, 0.75, 0.75.
    const row = [0.25, 0.75, 0.75];
    expect(await weightOf(Bilinear(), { runtime, shape: [1, 1, 1, 3] })).toEqual(row.map((x) => x * 0.25));
    // f = 3, c = (6 - 1 - 1) / 6 = 2/3.
    const wide = [0, 1, 2, 3, 4].map((x) => 1 - Math.abs(x / 3 - 2 / 3));
    const values = await weightOf(Bilinear(), { runtime, shape: [1, 1, 1, 5] });
    for (const [i, value] of values.entries()) expect(value).toBeCloseTo(wide[i]! * wide[0]!, 6);
  });

  test('refuses fewer than four dimensions', () => {
    const attempt = () => Bilinear().initWeight('up', zeros({ runtime, shape: [4, 4] }));
    expect(attempt).toThrow(ShapeMismatchError);
    expect(attempt).toThrow('Bilinear initializer cannot be applied to up of shape (4, 4). It requires 4D.');
  });
});

describe('LSTMBias', () => {
  test('sets the second quarter', async () => {
    expect(await weightOf(LSTMBias(), { runtime, shape: [8] })).toEqual([0, 0, 1, 1, 0, 0, 0, 0]);
    expect(await weightOf(LSTMBias(-2), { runtime, shape: [4, 2] })).toEqual([0, 0, -2, -2, 0, 0, 0, 0]);
    expect(await weightOf(LSTMBias(3), { runtime, shape: [7], dtype: 'int8' })).toEqual([0, 3, 0, 0, 0, 0, 0]);
    expect(await weightOf(LSTMBias(3), { runtime, shape: [3] })).toEqual([0, 0, 0]);
  });

  test('refuses a scalar', () => {
    expect(() => LSTMBias().initWeight('b', zeros({ runtime, shape: [] }))).toThrow(ShapeMismatchError);
  });
});

describe('RNNFused', () => {
  const repeat = (value: number, count: number): number[] => Array(count).fill(value);
  const parts = {
    i2hWeightInitializer: Constant(1),
    h2hWeightInitializer: Constant(2),
    h2rWeightInitializer: Constant(3),
    i2hBiasInitializer: Constant(4),
    h2hBiasInitializer: Constant(5),
  };
  const make = (options: Pick<RNNFusedOptions, 'mode' | 'numLayers' | 'stateSize'> & Partial<RNNFusedOptions>) =>
    RNNFused({ ...parts, ...options });

  test.each([
    ['rnn_relu', 1],
    ['rnn_tanh', 1],
    ['gru', 3],
    ['lstm', 4],
  ])('%s has %i gates', async (mode, gates) => {
    const [input, state] = [5, 2];
    const expected = [
      ...repeat(1, gates * state * input),
      ...repeat(2, gates * state * state),
      ...repeat(4, gates * state),
      ...repeat(5, gates * state),
    ];
    const initializer = make({ mode, numLayers: 1, stateSize: state });
    expect(await weightOf(initializer, { runtime, shape: [expected.length] })).toEqual(expected);
  });

  test('orders by layer and direction, weights before biases', async () => {
    const [input, state] = [3, 2];
    const rows = 4 * state;
    const weights = (width: number) => [...repeat(1, rows * width), ...repeat(2, rows * state)];
    const biases = [...repeat(4, rows), ...repeat(5, rows)];
    const expected = [...[input, input, 2 * state, 2 * state].flatMap(weights), ...[0, 1, 2, 3].flatMap(() => biases)];
    const initializer = make({ mode: 'lstm', numLayers: 2, stateSize: state, bidirectional: true });
    expect(await weightOf(initializer, { runtime, shape: [expected.length] })).toEqual(expected);
  });

  test('places the projection after the weights of its layer', async () => {
    const [input, state, projection] = [3, 4, 2];
    const rows = 4 * state;
    const weights = (width: number) => [
      ...repeat(1, rows * width),
      ...repeat(2, rows * projection),
      ...repeat(3, projection * state),
    ];
    const biases = [...repeat(4, rows), ...repeat(5, rows)];
    const expected = [...weights(input), ...weights(projection), ...biases, ...biases];
    const initializer = make({ mode: 'lstm', numLayers: 2, stateSize: state, projectionSize: projection });
    expect(await weightOf(initializer, { runtime, shape: [expected.length] })).toEqual(expected);
  });

  test('keeps what was given and sets the rest, however often it is told to', async () => {
    const initializer = RNNFused({ mode: 'rnn_relu', numLayers: 1, stateSize: 1, i2hWeightInitializer: 'ones' });
    const missing = zeros({ runtime, shape: [4] });
    expect(() => initializer.initWeight('rnn', missing)).toThrow(InvalidArgumentError);
    expect(() => initializer.initWeight('rnn', missing)).toThrow(/no initializer for the part h2hWeight of rnn/);
    initializer.setInitializer(Constant(7));
    expect(await weightOf(initializer, { runtime, shape: [4] })).toEqual([1, 7, 7, 0]);
    initializer.setInitializer('["constant", {"value": 8}]');
    expect(await weightOf(initializer, { runtime, shape: [4] })).toEqual([1, 8, 8, 0]);
  });

  test('refuses other vectors, modes and sizes; a part that fails changes nothing', async () => {
    const lstm = make({ mode: 'lstm', numLayers: 1, stateSize: 2 });
    const refused = (initializer: Initializer, shape: readonly number[]) => () =>
      initializer.initWeight('rnn', zeros({ runtime, shape }));
    expect(refused(lstm, [4, 4])).toThrow(ShapeMismatchError);
    expect(refused(lstm, [33])).toThrow(
      'rnn has 33 elements, which no input size of a 1-layer lstm with state size 2 gives.',
    );
    expect(refused(lstm, [8])).toThrow(ShapeMismatchError);
    expect(refused(make({ mode: 'elman', numLayers: 1, stateSize: 2 }), [40])).toThrow(InvalidArgumentError);
    expect(refused(make({ mode: 'lstm', numLayers: 0, stateSize: 2 }), [40])).toThrow(InvalidArgumentError);
    expect(refused(make({ mode: 'lstm', numLayers: 1, stateSize: 2.5 }), [40])).toThrow(InvalidArgumentError);
    const array = zeros({ runtime, shape: [40] });
    const before = (await runtime.census()).arrays;
    expect(() =>
      make({ mode: 'lstm', numLayers: 1, stateSize: 2, h2hBiasInitializer: Xavier() }).initWeight('rnn', array),
    ).toThrow(ShapeMismatchError);
    expect(await valuesOf(array)).toEqual(repeat(0, 40));
    expect((await runtime.census()).arrays).toBe(before);
  });

  test('draws random parts within their own array', async () => {
    const initializer = make({ mode: 'gru', numLayers: 1, stateSize: 3, i2hWeightInitializer: Uniform(1) });
    const values = await weightOf(initializer, { runtime, shape: [3 * 3 * (2 + 3 + 2)] });
    expect(new Set(values.slice(0, 18)).size).toBe(18);
    expect(values.slice(18, 45)).toEqual(repeat(2, 27));
  });
});
