import type { TensorStats } from './engine.ts';

/** The record that core/stats/kernels/moment-record.ts describes, and how records of consecutive pieces merge. */
const FIELD = {
  count: 0,
  sum: 1,
  hugeSum: 3,
  mean: 5,
  m2: 6,
  min: 7,
  max: 8,
  zeros: 9,
  nans: 10,
  infs: 11,
  negatives: 12,
  l1: 13,
  hugeL1: 15,
} as const;
export const MOMENTS_FIELDS = 17;

/** The kernel keeps values beyond 2^960 apart, in this unit, so that their sum cannot overflow. */
const HUGE_UNIT = 2 ** 64;

export interface Moments {
  /** Finite elements. */
  count: number;
  sum: Compensated;
  hugeSum: Compensated;
  mean: number;
  /** Sum of squared deviations from the mean. */
  m2: number;
  min: number;
  max: number;
  zeros: number;
  nans: number;
  infs: number;
  negatives: number;
  l1: Compensated;
  hugeL1: Compensated;
}

interface Compensated {
  value: number;
  lost: number;
}

/** Neumaier's compensated addition. */
export function addCompensated(to: Compensated, x: number): void {
  const total = to.value + x;
  to.lost += Math.abs(to.value) >= Math.abs(x) ? to.value - total + x : x - total + to.value;
  to.value = total;
}

function merge(into: Moments, record: Float64Array): void {
  const field = (index: number): number => record[index] ?? 0;
  for (const [pair, index] of [
    [into.sum, FIELD.sum],
    [into.hugeSum, FIELD.hugeSum],
    [into.l1, FIELD.l1],
    [into.hugeL1, FIELD.hugeL1],
  ] as const) {
    addCompensated(pair, field(index));
    addCompensated(pair, field(index + 1));
  }
  into.zeros += field(FIELD.zeros);
  into.nans += field(FIELD.nans);
  into.infs += field(FIELD.infs);
  into.negatives += field(FIELD.negatives);
  const count = field(FIELD.count);
  if (count === 0) return;
  into.min = Math.min(into.min, field(FIELD.min));
  into.max = Math.max(into.max, field(FIELD.max));
  const total = into.count + count;
  const delta = field(FIELD.mean) - into.mean;
  into.m2 += field(FIELD.m2) + (into.count === 0 ? 0 : delta * delta * ((into.count * count) / total));
  into.mean = into.count === 0 ? field(FIELD.mean) : into.mean + delta * (count / total);
  into.count = total;
}

/** Merges the records in order (Chan's update), so that the result depends on the pieces alone. */
export function mergeMoments(records: readonly Float64Array[]): Moments {
  const into: Moments = {
    count: 0,
    sum: { value: 0, lost: 0 },
    hugeSum: { value: 0, lost: 0 },
    mean: 0,
    m2: 0,
    min: Number.POSITIVE_INFINITY,
    max: Number.NEGATIVE_INFINITY,
    zeros: 0,
    nans: 0,
    infs: 0,
    negatives: 0,
    l1: { value: 0, lost: 0 },
    hugeL1: { value: 0, lost: 0 },
  };
  for (const record of records) merge(into, record);
  return into;
}

/** What the histogram spans. */
export function finiteRange({ min, max, nans, infs }: Moments): { min: number; max: number; allFinite: boolean } {
  return { min, max, allFinite: nans + infs === 0 };
}

function exactMean({ count, sum, hugeSum }: Moments): number {
  const huge = hugeSum.value + hugeSum.lost;
  return (sum.value + sum.lost) / count + (huge / count) * HUGE_UNIT;
}

/** Statistics of finite values without their histogram and quantiles, which other passes give. */
export type MomentStats = Omit<TensorStats, 'histogram' | 'quantiles'>;

/** The share of zeros; null where there is nothing to have a share of. */
export function sparsityOf(zeros: number, count: number): number | null {
  return count === 0 ? null : zeros / count;
}

/** `total` is the number of all elements. */
export function momentsToStats(moments: Moments, total: number): MomentStats {
  const { count, zeros, nans, infs, negatives } = moments;
  const counts = { count: total, zeros, nans, infs, negatives, sparsity: sparsityOf(zeros, total), distinct: null };
  if (count === 0) return { ...counts, min: null, max: null, mean: null, std: null, l1: 0, l2: 0 };
  const mean = exactMean(moments);
  // Deviations whose squares leave the float64 range turn into NaN on the way; what they are is infinite.
  const m2 = Number.isNaN(moments.m2) ? Number.POSITIVE_INFINITY : moments.m2;
  const { l1, hugeL1 } = moments;
  return {
    ...counts,
    min: moments.min + 0,
    max: moments.max + 0,
    mean,
    std: Math.sqrt(m2 / count),
    l1: l1.value + l1.lost + (hugeL1.value + hugeL1.lost) * HUGE_UNIT,
    l2: Math.sqrt(m2 + count * mean * mean),
  };
}

/** Complex tensors carry counts only. */
export function complexStats({ zeros, nans, infs }: Moments, total: number): TensorStats {
  const nothing = { min: null, max: null, mean: null, std: null, l1: null, l2: null };
  const unordered = { negatives: null, distinct: null, quantiles: null, histogram: null };
  return { count: total, zeros, nans, infs, sparsity: sparsityOf(zeros, total), ...nothing, ...unordered };
}
