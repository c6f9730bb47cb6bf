import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cpu, withDevice } from '../../../core/device/device.ts';
import { arange, array, full, ones, zeros } from '../../../core/device/nd.ts';
import { InvalidArgumentError, ShapeMismatchError } from '../../../core/errors.ts';
import type { DType } from '../../../core/ndarray/dtype.ts';
import '../../../core/symbol/invoke.ts';
import { openRuntime } from './runtimes.ts';

const runtime = openRuntime();

test('lists in lists become an array and come back as they were', async () => {
  const x = array(
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
    { runtime },
  );
  expect(x).toMatchObject({ shape: [2, 3], dtype: 'float32', size: 6, stype: 'default' });
  expect(await x.array()).toEqual([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  expect(await array(7, { runtime }).item()).toBe(7);
  expect(await array([], { runtime }).array()).toEqual([]);
  expect(array([[], []], { runtime }).shape).toEqual([2, 0]);
});

test('a list of truth values is bool, of bigints int64, a typed array keeps its dtype', async () => {
  expect(await array([true, false], { runtime }).array()).toEqual([true, false]);
  expect(array([1n, 2n], { runtime }).dtype).toBe('int64');
  expect(array(Int16Array.of(1), { runtime }).dtype).toBe('int16');
  const reshaped = array(Float64Array.of(1, 2, 3, 4), { runtime, shape: [2, 2], dtype: 'float16' });
  expect([reshaped.dtype, await reshaped.array()]).toEqual([
    'float16',
    [
      [1, 2],
      [3, 4],
    ],
  ]);
});

test('64-bit integers are exact from bigints, and from numbers where those are', async () => {
  const low = array([-(2n ** 63n), 2n ** 63n - 1n, 5], { runtime, dtype: 'int64' });
  expect(await low.array()).toEqual([-(2n ** 63n), 2n ** 63n - 1n, 5n]);
  expect(await array([2n ** 64n - 1n], { runtime, dtype: 'uint64' }).array()).toEqual([2n ** 64n - 1n]);
});

test('complex numbers are pairs', async () => {
  const x = array(
    [
      [1, 2],
      [3, -4],
    ],
    { runtime, dtype: 'complex64' },
  );
  expect(x.shape).toEqual([2]);
  expect(await x.array()).toEqual([
    [1, 2],
    [3, -4],
  ]);
  expect(() => array([1, 2, 3], { runtime, dtype: 'complex64' })).toThrow(InvalidArgumentError);
});

test.each<[string, () => unknown, string]>([
  ['ragged lists', () => array([[1, 2], [3]], { runtime }), 'expected a list of 2'],
  ['a number beside a list', () => array([[1], 2], { runtime }), 'expected a list of 1'],
  ['a list beside a number', () => array([1, [2]], { runtime }), 'expected a number'],
  ['a fraction in an integer array', () => array([0.5], { runtime, dtype: 'int8' }), '0.5 is no int8'],
  ['an integer out of range', () => array([256], { runtime, dtype: 'uint8' }), '0 to 255'],
  ['a negative size', () => zeros([-1], { runtime }), 'not negative'],
  ['an unknown dtype', () => zeros([1], { runtime, dtype: 'float7' as DType }), 'float7'],
  ['a range without an end', () => arange(0, 1, 0, { runtime }), 'no end'],
])('%s is refused', (_what, make, message) => {
  expect(make).toThrow(InvalidArgumentError);
  expect(make).toThrow(message);
});

test('zeros, ones, full and arange', async () => {
  expect(await zeros([2, 1], { runtime }).array()).toEqual([[0], [0]]);
  expect(await ones(2, { runtime, dtype: 'bool' }).array()).toEqual([true, true]);
  expect(await full([2], 2n ** 60n + 1n, { runtime, dtype: 'int64' }).array()).toEqual([
    2n ** 60n + 1n,
    2n ** 60n + 1n,
  ]);
  expect(await arange(3, null, 1, { runtime }).array()).toEqual([0, 1, 2]);
  expect(await arange(5, -4, -3, { runtime, dtype: 'int32' }).array()).toEqual([5, 2, -1]);
  const long = await arange(0, 40_000, 1, { runtime, dtype: 'int64' }).data();
  expect(long.at(-1)).toBe(39_999n);
});

test('arrays are made on the current device unless one is named', () => {
  withDevice(cpu(2), () => {
    expect(
      [array([1], { runtime }), ones(1, { runtime }), arange(2, null, 1, { runtime })].map((x) => x.device),
    ).toEqual([cpu(2), cpu(2), cpu(2)]);
    expect(zeros(1, { runtime, device: cpu(1) }).device).toEqual(cpu(1));
  });
});

test('item takes the only element and refuses more', async () => {
  expect(await array([[5]], { runtime }).item()).toBe(5);
  await expect(array([1, 2], { runtime }).item()).rejects.toThrow(InvalidArgumentError);
});

test('set writes numbers, lists and arrays in place, broadcast and cast, where the slice says', async () => {
  const x = zeros([3, 4], { runtime, dtype: 'int16' });
  const alias = x.detach();
  x.set(1);
  x.set([5, 6], '::2,1:3');
  x.set(array([[7.9], [8.1]], { runtime }), '1:,-1:');
  expect(await alias.array()).toEqual([
    [1, 5, 6, 1],
    [1, 1, 1, 7],
    [1, 5, 6, 8],
  ]);
  x.set(array([9], { runtime, device: cpu(1) }), [
    { start: 2, count: 2, step: -1 },
    { start: 0, count: 1, step: 1 },
  ]);
  expect(await x.slice(':,0').array()).toEqual([1, 9, 9]);
});

test('set refuses what does not broadcast and what is outside, and changes nothing', async () => {
  const x = zeros([2, 2], { runtime });
  expect(() => x.set([1, 2, 3])).toThrow(ShapeMismatchError);
  expect(() => x.set([[[1]]])).toThrow(ShapeMismatchError);
  expect(() => x.set(1, '2')).toThrow(InvalidArgumentError);
  expect(() => x.set(1, [{ start: 0, count: 3, step: 1 }])).toThrow(InvalidArgumentError);
  const beyond = { start: 0, count: 3, step: 1 };
  expect(() => x.set(1, [beyond, beyond])).toThrow('Axis 0 has 2 elements');
  expect(await x.array()).toEqual([
    [0, 0],
    [0, 0],
  ]);
});

test('set with any range per axis writes exactly those elements', async () => {
  const axisRange = fc
    .record({ size: fc.integer({ min: 1, max: 5 }), step: fc.constantFrom(-3, -2, -1, 1, 2, 3) })
    .chain(({ size, step }) => {
      const limit = Math.ceil(size / Math.abs(step));
      return fc.integer({ min: 0, max: limit }).map((count) => ({ size, step, count, start: step > 0 ? 0 : size - 1 }));
    });
  await fc.assert(
    fc.asyncProperty(fc.array(axisRange, { minLength: 1, maxLength: 3 }), async (axes) => {
      const shape = axes.map(({ size }) => size);
      const x = zeros(shape, { runtime, dtype: 'uint8' });
      x.set(
        1,
        axes.map(({ start, count, step }) => ({ start, count, step })),
      );
      const expected = axes.reduce((product, { count }) => product * count, 1);
      expect(await x.sum().item()).toBe(expected);
      const read = x.slice(
        axes
          .map(
            (axis) =>
              `${axis.start}${axis.count ? '' : `:${axis.start}`}${axis.count ? `:${stopOf(axis)}` : ''}:${axis.step}`,
          )
          .join(','),
      );
      expect(read.size).toBe(expected);
      expect([...(await read.data())].map(Number).every((value) => value === 1)).toBe(true);
    }),
    { numRuns: 60 },
  );
});

function stopOf({ start, count, step }: { start: number; count: number; step: number }): string {
  const stop = start + (count - 1) * step + Math.sign(step);
  return stop < 0 ? '' : String(stop);
}
