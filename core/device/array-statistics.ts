/**
 * Of an array on a device, as the statistics of the tensor engine: `count`, `zeros` (+0 and −0), `nans` and `infs` are
 * over all elements; `min`, `max`, `mean`, `std` (population) and `l2` over the finite ones, null where there are none
 * (`l2` is then 0). Complex arrays carry counts only: NaNs and infinities in either part, zeros in both.
 */
export interface ArrayStatistics {
  readonly count: number;
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  readonly std: number | null;
  readonly l2: number | null;
  readonly zeros: number;
  readonly nans: number;
  readonly infs: number;
}

/** How far two arrays are apart; complex parts count as elements. Infinite or NaN where an element is. */
export interface ArrayDistance {
  readonly l2: number;
  /** Of one element. */
  readonly max: number;
}

export interface ElementCounts {
  readonly count: number;
  readonly zeros: number;
  readonly nans: number;
  readonly infs: number;
}

/** What the finite elements are, in float64; there is at least one. */
export interface FiniteMoments {
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** The sum of squared deviations from the mean. */
  readonly squares: number;
}

export function finiteCount({ count, nans, infs }: ElementCounts): number {
  return count - nans - infs;
}

/** `moments` is null where no element is finite. */
export function statisticsOf(counts: ElementCounts, moments: FiniteMoments | null): ArrayStatistics {
  if (moments === null) return { ...counts, min: null, max: null, mean: null, std: null, l2: 0 };
  const finite = finiteCount(counts);
  const { min, max, mean, squares } = moments;
  return {
    ...counts,
    min: min + 0,
    max: max + 0,
    mean: mean + 0,
    std: Math.sqrt(squares / finite),
    l2: Math.sqrt(squares + finite * mean * mean),
  };
}

export function complexStatistics(counts: ElementCounts): ArrayStatistics {
  return { ...counts, min: null, max: null, mean: null, std: null, l2: null };
}

/** With `more` elements beside those of `statistics`, all of them zero: what a sparse array does not store. */
export function withZeros(statistics: ArrayStatistics, more: number): ArrayStatistics {
  const { count, zeros, min, max, mean, std } = statistics;
  const counts = { ...statistics, count: count + more, zeros: zeros + more };
  if (more === 0 || statistics.l2 === null) return counts;
  const finite = finiteCount(counts);
  const before = finite - more;
  const average = ((mean ?? 0) * before) / finite;
  const squares = (std ?? 0) ** 2 * before + (mean ?? 0) ** 2 * ((before * more) / finite);
  return statisticsOf(counts, { min: Math.min(min ?? 0, 0), max: Math.max(max ?? 0, 0), mean: average, squares });
}
