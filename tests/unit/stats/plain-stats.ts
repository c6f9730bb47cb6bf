import { expect } from 'vitest';
import type { TensorStats } from '../../../core/stats/engine.ts';
import { type Element, numpyHistogram, toNumber } from './model.ts';

/** A sum that loses nothing that matters: the parts sorted by size, each added with what the addition lost. */
function exactSum(values: readonly number[]): number {
  let parts: number[] = [];
  for (const value of values) {
    let x = value;
    const next: number[] = [];
    for (const part of parts) {
      const [large, small] = Math.abs(x) >= Math.abs(part) ? [x, part] : [part, x];
      const sum = large + small;
      const lost = small - (sum - large);
      if (lost !== 0) next.push(lost);
      x = sum;
    }
    next.push(x);
    parts = next;
  }
  return parts.reduceRight((sum, part) => sum + part, 0);
}

export function close(actual: number | null, expected: number, scale: number): boolean {
  if (actual === null) return false;
  return Object.is(actual, expected) || Math.abs(actual - expected) <= 1e-11 * Math.max(Math.abs(expected), scale);
}

export function expectHistogram(actual: TensorStats['histogram'], finite: readonly number[], bins: number): void {
  const numpy = numpyHistogram(finite, bins);
  const one = finite.every((x) => x === finite[0]);
  if (!one || Math.abs(finite[0]!) * bins < 2 ** 50) {
    expect(actual).toEqual(numpy);
    return;
  }
  // One value, too large for half a unit to tell edges well apart: NumPy refuses, or soon would.
  const { edges = [], counts = [] } = actual ?? {};
  expect(edges.every((edge, k) => k === 0 || edge > edges[k - 1]!)).toBe(true);
  expect(counts.reduce((sum, n) => sum + n, 0)).toBe(finite.length);
}

/** Checks `stats` against plain float64 arithmetic over the decoded elements. */
export function expectModel(stats: TensorStats, elements: readonly Element[], bins: number): void {
  const values = elements.map(toNumber);
  const finite = values.filter((x) => Number.isFinite(x));
  expect(stats).toMatchObject({
    count: values.length,
    zeros: values.filter((x) => x === 0).length,
    nans: values.filter((x) => Number.isNaN(x)).length,
    infs: values.filter((x) => Math.abs(x) === Number.POSITIVE_INFINITY).length,
  });
  if (finite.length === 0) {
    expect(stats).toMatchObject({ min: null, max: null, mean: null, std: null, l2: 0, histogram: null });
    return;
  }
  expect(stats.min).toBe(Math.min(...finite) + 0);
  expect(stats.max).toBe(Math.max(...finite) + 0);
  expectHistogram(stats.histogram, finite, bins);
  const mean = exactSum(finite) / finite.length;
  const std = Math.sqrt(exactSum(finite.map((x) => (x - mean) ** 2)) / finite.length);
  const l2 = Math.sqrt(exactSum(finite.map((x) => x * x)));
  expect([stats.mean, close(stats.mean, mean, std * 1e-3)]).toEqual([stats.mean, true]);
  expect([stats.std, std, close(stats.std, std, Math.abs(mean) * 1e-3)]).toEqual([stats.std, std, true]);
  expect([stats.l2, close(stats.l2, l2, 0)]).toEqual([stats.l2, true]);
}
