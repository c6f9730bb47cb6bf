import { expect, test } from 'vitest';
import { summarizeNorms } from '../../../core/stats/norms-summary.ts';

function normsOf(l2: readonly number[], nonFinite: readonly number[] = l2.map(() => 0)) {
  const numbers = Float64Array.from(l2);
  return { l2: numbers, maxAbs: numbers, nonFinite: Float64Array.from(nonFinite) };
}

test('a summary names the least and the greatest line, those of zeros and those that are not finite', () => {
  expect(summarizeNorms(normsOf([3, 0, 5, 0, 1, 0], [0, 0, 0, 2, 0, 0]), 4)).toEqual({
    lines: 6,
    least: { line: 1, l2: 0 },
    greatest: { line: 2, l2: 5 },
    mean: 1.5,
    maxAbs: 5,
    zero: { count: 2, first: [1, 5] },
    nonFinite: { count: 1, first: [3] },
    stretch: 2,
    lows: [0, 0, 0],
    highs: [3, 5, 1],
  });
});

test('of many lines it names the first, and draws no more stretches than were asked for', () => {
  const { zero, lows, highs, stretch } = summarizeNorms(normsOf(new Array<number>(100_001).fill(0)), 320);
  expect(zero).toEqual({ count: 100_001, first: Array.from({ length: 20 }, (_, k) => k) });
  expect([lows.length, highs.length, stretch]).toEqual([320, 320, 313]);
});

test('of no lines it has nothing to name', () => {
  expect(summarizeNorms(normsOf([]), 10)).toMatchObject({
    lines: 0,
    least: null,
    greatest: null,
    mean: null,
    lows: [],
  });
});
