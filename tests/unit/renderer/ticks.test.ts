import fc from 'fast-check';
import { expect, test } from 'vitest';
import { barHeight, outsideOf, positionOf, shareOf, summaryOf } from '../../../renderer/chart/histogram-scale.ts';
import { edgeTicks, formatTick, linearTicks, logTicks } from '../../../renderer/chart/ticks.ts';

test.each([
  [0, 10, 5, [0, 2, 4, 6, 8, 10]],
  [-1, 1, 4, [-1, -0.5, 0, 0.5, 1]],
  [0.1, 0.3, 4, [0.1, 0.15, 0.2, 0.25, 0.3]],
  [0, 0.000_3, 3, [0, 0.000_1, 0.000_2, 0.000_3]],
  [3, 3, 5, [3]],
  [1e300, 1e300 * (1 + 2 ** -52), 5, [1e300]],
  [0, 5e-324, 5, [0]],
])('ticks from %d to %d', (low, high, wanted, ticks) => {
  expect(linearTicks(low, high, wanted)).toEqual(ticks);
});

test('ticks lie within the axis, ascend, and are about as many as wanted', () => {
  const bound = fc.double({ min: -1e30, max: 1e30, noNaN: true });
  fc.assert(
    fc.property(bound, bound, (a, b) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      fc.pre(high - low > Math.max(Math.abs(low), Math.abs(high)) * 1e-6);
      const ticks = linearTicks(low, high, 7);
      const slack = (high - low) * 1e-6;
      expect(ticks.length).toBeLessThanOrEqual(9);
      expect(
        ticks.every((tick, i) => tick >= low - slack && tick <= high + slack && (i === 0 || tick > ticks[i - 1]!)),
      ).toBe(true);
    }),
  );
});

test('an axis from the lowest to the highest double has ticks, and places on it', () => {
  const high = Number.MAX_VALUE;
  const ticks = linearTicks(-high, high, 7);
  expect(ticks.length).toBeGreaterThan(2);
  const places = ticks.map((tick) => shareOf(tick, -high, high));
  expect(places.every((place) => place >= 0 && place <= 1)).toBe(true);
  expect(shareOf(0, -high, high)).toBe(0.5);
  expect(shareOf(3, 3, 3)).toBe(0.5);
});

test('the log axis has the powers of ten that fit', () => {
  expect(logTicks(1500)).toEqual([1, 10, 100, 1000]);
  expect(logTicks(0)).toEqual([]);
});

test.each([
  [0, '0'],
  [0.25, '0.25'],
  [-1.5, '-1.5'],
  [250_000, '2.5e5'],
  [0.000_02, '2e-5'],
  [1e-45, '1e-45'],
])('the tick %d reads %s', (value, text) => {
  expect(formatTick(value)).toBe(text);
});

test('bars grow with their counts, and one element is seen beside a billion on the log scale', () => {
  expect(barHeight(5, 10, false)).toBe(0.5);
  expect(barHeight(10, 10, true)).toBe(1);
  expect(barHeight(0, 10, true)).toBe(0);
  expect(barHeight(1, 1e9, true)).toBeGreaterThan(0.03);
  expect(barHeight(3, 0, false)).toBe(0);
});

test('the histogram is told in a sentence', () => {
  expect(summaryOf({ edges: [0, 1, 2], counts: [3, 5] }, 8, [0, 2])).toBe(
    '8 finite values from 0 to 2, most between 1 and 2.',
  );
  expect(summaryOf({ edges: [0.5, 1.5], counts: [4] }, 4, [1, 1])).toBe('4 finite values, all of them 1.');
  expect(summaryOf({ edges: [0, 1], counts: [0] }, 0, [0, 0])).toBe('No finite values.');
});

test('values on an axis of logarithms lie by the bins that hold them', () => {
  const edges = [0.01, 0.1, 1, 10];
  expect(edgeTicks(edges, 7)).toEqual(edges);
  expect(edges.map((edge) => positionOf(edge, edges, 'log'))).toEqual([0, 1 / 3, 2 / 3, 1]);
  expect(edgeTicks([-100, -1, 1, 100], 7)).toEqual([-100, -10, -1, 0, 1, 10, 100]);
  expect(edgeTicks([1e-30, 1e-10, 1e10], 7).length).toBeLessThanOrEqual(8);
  expect(edgeTicks([], 7)).toEqual([0]);
});

test('what no bin holds is said in words', () => {
  const none = { below: 0, above: 0, zeros: 0, negatives: 0, nans: 0, infs: 0 };
  expect(outsideOf(none)).toBe('');
  expect(outsideOf({ ...none, below: 1200, zeros: 1, nans: 2 })).toBe(
    'In no bin: 1,200 below the range, 1 zero, 2 NaNs.',
  );
});
