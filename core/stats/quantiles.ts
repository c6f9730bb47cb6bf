import { type Distribution, isExact } from './distribution.ts';
import type { Quantile } from './engine.ts';

/** Where a quantile lies among `count` sorted values: between two of them, as numpy.quantile's `linear` method says. */
export interface RankPair {
  readonly q: number;
  readonly lower: number;
  readonly upper: number;
  readonly weight: number;
}

export function rankPair(q: number, count: number): RankPair {
  const index = q * (count - 1);
  const lower = Math.min(Math.floor(index), count - 1);
  return { q, lower, upper: Math.min(lower + 1, count - 1), weight: index - lower };
}

/** NumPy's own interpolation, which is exact at both ends and monotone; halves keep ±1.8e308 apart. */
export function between(a: number, b: number, weight: number): number {
  if (a === b) return a;
  const gap = b - a;
  if (!Number.isFinite(gap)) return a * (1 - weight) + b * weight;
  return weight < 0.5 ? a + gap * weight : b - gap * (1 - weight);
}

interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** The sorted value of a rank, as far as the runs tell; within a run the values are taken to lie evenly. */
function valueAt(distribution: Distribution, ends: Float64Array, rank: number): Estimate {
  let first = 0;
  let last = ends.length - 1;
  while (first < last) {
    const middle = (first + last) >> 1;
    if ((ends[middle] ?? 0) > rank) last = middle;
    else first = middle + 1;
  }
  const low = distribution.lows[first] ?? 0;
  const high = distribution.highs[first] ?? 0;
  const count = distribution.counts[first] ?? 1;
  const before = (ends[first] ?? 0) - count;
  // The least and the greatest value are known, and end the outer runs.
  const at = rank === 0 ? 0 : rank === (ends.at(-1) ?? 0) - 1 ? 1 : (rank - before + 0.5) / count;
  const value = between(low, high, at);
  if (at === 0 || at === 1) return { value, low: value, high: value };
  return { value, low, high };
}

/** Quantiles of the values of a distribution; null where it has none. */
export function quantilesOf(distribution: Distribution, qs: readonly number[]): readonly Quantile[] | null {
  const ends = new Float64Array(distribution.counts.length);
  let total = 0;
  distribution.counts.forEach((count, k) => {
    total += count;
    ends[k] = total;
  });
  if (total === 0) return null;
  return qs.map((q) => {
    const { lower, upper, weight } = rankPair(q, total);
    const a = valueAt(distribution, ends, lower);
    const b = valueAt(distribution, ends, upper);
    const value = between(a.value, b.value, weight) + 0;
    if (isExact(distribution)) return { q, value, low: value, high: value };
    return { q, value, low: between(a.low, b.low, weight) + 0, high: between(a.high, b.high, weight) + 0 };
  });
}
