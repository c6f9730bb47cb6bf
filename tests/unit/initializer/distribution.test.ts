import { describe, expect, test } from 'vitest';
import { cpu } from '../../../core/device/device.ts';
import {
  type Initializer,
  MSRAPrelu,
  Normal,
  Orthogonal,
  setSeed,
  Uniform,
  Xavier,
} from '../../../core/initializer/index.ts';
import type { DType } from '../../../core/ndarray/dtype.ts';
import { openRuntime } from '../device/runtimes.ts';
import { momentsOf, valuesOf, weightOf, zeros } from './targets.ts';

const runtime = openRuntime();
const MILLION = 1_000_000;

/** Variance and fourth central moment of what is drawn. */
interface Law {
  readonly variance: number;
  readonly fourth: number;
}

const uniformLaw = (c: number): Law => ({ variance: c ** 2 / 3, fourth: c ** 4 / 5 });
const normalLaw = (sigma: number): Law => ({ variance: sigma ** 2, fourth: 3 * sigma ** 4 });

/** Mean and variance are within 4 standard errors of the law's. */
function expectLaw(values: readonly number[], { variance, fourth }: Law): void {
  const moments = momentsOf(values);
  expect(Math.abs(moments.mean)).toBeLessThan(4 * Math.sqrt(variance / moments.count));
  expect(Math.abs(moments.variance - variance)).toBeLessThan(4 * Math.sqrt((fourth - variance ** 2) / moments.count));
}

// (1000, 1000): fan 1000 whatever the factor type; (500, 200, 2, 5): fan in 2000, out 5000.
const LAWS: readonly [string, Initializer, readonly number[], Law][] = [
  ['Uniform()', Uniform(), [MILLION], uniformLaw(0.07)],
  ['Uniform(2)', Uniform(2), [MILLION], uniformLaw(2)],
  ['Normal()', Normal(), [MILLION], normalLaw(0.01)],
  ['Normal(3)', Normal(3), [MILLION], normalLaw(3)],
  ['Xavier()', Xavier(), [1000, 1000], uniformLaw(Math.sqrt(3 / 1000))],
  ['Xavier avg', Xavier(), [500, 200, 2, 5], uniformLaw(Math.sqrt(3 / 3500))],
  ['Xavier in', Xavier({ factorType: 'in' }), [500, 200, 2, 5], uniformLaw(Math.sqrt(3 / 2000))],
  ['Xavier out', Xavier({ factorType: 'out', magnitude: 2.24 }), [500, 200, 2, 5], uniformLaw(Math.sqrt(2.24 / 5000))],
  ['Xavier gaussian', Xavier({ rndType: 'gaussian' }), [500, 200, 2, 5], normalLaw(Math.sqrt(3 / 3500))],
  ['MSRAPrelu()', MSRAPrelu(), [500, 200, 2, 5], normalLaw(Math.sqrt(2 / 1.0625 / 3500))],
  ['MSRAPrelu in', MSRAPrelu({ factorType: 'in', slope: 0 }), [500, 200, 2, 5], normalLaw(Math.sqrt(2 / 2000))],
];

describe('a million draws have the mean and the variance of the formula', () => {
  test.each(LAWS)('%s', async (_name, initializer, shape, law) => {
    setSeed(20);
    expectLaw(await weightOf(initializer, { runtime, shape }), law);
  });

  test.each(['float64', 'float16', 'bfloat16'] as const)('in %s too', async (dtype) => {
    setSeed(21);
    const shape = [MILLION];
    expectLaw(await weightOf(Normal(1), { runtime, shape, dtype }), normalLaw(1));
    expectLaw(await weightOf(Uniform(1), { runtime, shape, dtype }), uniformLaw(1));
  });

  test.each(['uniform', 'normal'])('Orthogonal of %s values', async (randType) => {
    setSeed(22);
    const [rows, columns, scale] = [200, 5000, 2];
    const { mean, variance } = momentsOf(
      await weightOf(Orthogonal({ scale, randType }), { runtime, shape: [rows, 50, 100] }),
    );
    // Each of the orthonormal rows sums to a number of variance 1.
    expect(Math.abs(mean)).toBeLessThan((4 * scale * Math.sqrt(rows)) / (rows * columns));
    expect(variance).toBeCloseTo(scale ** 2 / columns, 6);
  });
});

describe('the normal distribution', () => {
  test('has the right share of values in each tail', async () => {
    setSeed(23);
    const values = await weightOf(Normal(1), { runtime, shape: [4 * MILLION] });
    // 1 - Φ(x), from tables.
    const tails: readonly [number, number][] = [
      [1, 0.15865525],
      [2, 0.02275013],
      [3, 0.0013499],
      [4, 0.0000316712],
    ];
    for (const [x, share] of tails) {
      const error = 4 * Math.sqrt((share * (1 - share)) / values.length);
      expect(Math.abs(values.filter((value) => value > x).length / values.length - share)).toBeLessThan(error);
      expect(Math.abs(values.filter((value) => value < -x).length / values.length - share)).toBeLessThan(error);
    }
    expect(momentsOf(values).max).toBeGreaterThan(4.5);
  });

  test('has neighbours that know nothing of each other', async () => {
    setSeed(24);
    const values = await weightOf(Normal(1), { runtime, shape: [MILLION] });
    for (const lag of [1, 2, 3, 4]) {
      let sum = 0;
      for (let i = lag; i < values.length; i++) sum += values[i]! * values[i - lag]!;
      expect(Math.abs(sum / values.length)).toBeLessThan(4 / Math.sqrt(values.length));
    }
  });
});

describe('uniform values stay in [-scale, scale) when they are rounded to', () => {
  test.each([
    'float64',
    'float32',
    'float16',
    'bfloat16',
    'float8_e4m3fn',
    'float8_e5m2',
    'float8_e4m3fnuz',
    'float8_e5m2fnuz',
  ] satisfies DType[])('%s', async (dtype) => {
    setSeed(25);
    for (const scale of [0.07, 1, 0.1]) {
      const { min, max } = momentsOf(await weightOf(Uniform(scale), { runtime, shape: [200_000], dtype }));
      expect(min).toBeGreaterThanOrEqual(-scale);
      expect(max).toBeLessThan(scale);
      expect(max - min).toBeGreaterThan(1.7 * scale);
    }
  });
});

describe('with a seed', () => {
  const draw = async (size: number, dtype: DType = 'float32') =>
    weightOf(Uniform(1), { runtime, shape: [size], dtype });

  test('values come again, in the order in which they are drawn', async () => {
    setSeed(7);
    const first = [await draw(5), await draw(5)];
    setSeed(7);
    expect([await draw(5), await draw(5)]).toEqual(first);
    expect(first[0]).not.toEqual(first[1]);
    setSeed(8);
    expect(await draw(5)).not.toEqual(first[0]);
    setSeed(7 + 2 ** 32);
    expect(await draw(5)).not.toEqual(first[0]);
    setSeed(-7);
    expect(await draw(5)).not.toEqual(first[0]);
  });

  test.each([Uniform(1), Normal(1), Orthogonal({ scale: 1 })])(
    'values are the same on any device: %s',
    async (initializer) => {
      const values: number[][] = [];
      for (const device of [cpu(0), cpu(1), cpu(7)]) {
        setSeed(9);
        const array = runtime.zeros({ shape: [30, 40], dtype: 'float32', device });
        initializer.initWeight('w', array);
        values.push(await valuesOf(array));
      }
      expect(values[1]).toEqual(values[0]);
      expect(values[2]).toEqual(values[0]);
    },
  );

  test.each(['float32', 'float64'] as const)(
    'a value depends on its position, not on the size of the array: %s',
    async (dtype) => {
      setSeed(10);
      const long = await draw(100_001, dtype);
      setSeed(10);
      expect(await draw(70_003, dtype)).toEqual(long.slice(0, 70_003));
      setSeed(10);
      expect(await draw(1, dtype)).toEqual(long.slice(0, 1));
    },
  );

  test('values are those of the streams of Threefry4x32-20', async () => {
    setSeed(0);
    // The first words of counter 0 under key 0: 9c6ca96a e17eae66 fc10ecd4 5256a7d8.
    // They are spread from -1 to the greatest float32 below 1.
    const most = 1 - 2 ** -24;
    const expected = [0x9c6ca96a, 0xe17eae66, 0xfc10ecd4, 0x5256a7d8].map((word) =>
      Math.fround((most - 1) / 2 + ((most + 1) / 2) * (word | 0) * 2 ** -31),
    );
    expect(await draw(4)).toEqual(expected);
  });

  test.each([1.5, Number.NaN, 2 ** 53, '3' as unknown as number])('%s is no seed', (seed) => {
    expect(() => setSeed(seed)).toThrow(/The seed must be a safe integer, got/);
  });

  test('without one, values differ from call to call', async () => {
    expect(await draw(5)).not.toEqual(await draw(5));
  });
});

describe('an empty array', () => {
  test.each([Uniform(), Normal(), Xavier(), Orthogonal()])('is left alone: %s', async (initializer) => {
    expect(await weightOf(initializer, { runtime, shape: [0, 3] })).toEqual([]);
  });
});

test('draws are ordered among other operations', async () => {
  const array = zeros({ runtime, shape: [4] });
  Normal(1).initWeight('w', array);
  runtime.zero(array);
  expect(await valuesOf(array)).toEqual([0, 0, 0, 0]);
});
