import type { Histogram } from '../contract.ts';
import { formatStatistic, plural } from '../format/numbers.ts';

/** The share of the plot's height that a count takes, 0 to 1; on the log scale one element is still seen. */
export function barHeight(count: number, most: number, log: boolean): number {
  if (count <= 0 || most <= 0) return 0;
  return log ? Math.log1p(count) / Math.log1p(most) : count / most;
}

/** Where a value lies on an axis: 0 at `low`, 1 at `high`. Halved first, since ±1.8e308 are both ends of one axis. */
export function shareOf(value: number, low: number, high: number): number {
  return high > low ? (value / 2 - low / 2) / (high / 2 - low / 2) : 0.5;
}

/** The picture in a sentence. */
export function summaryOf(
  { edges, counts }: Histogram,
  total: number,
  [low, high]: readonly [low: number, high: number],
): string {
  if (total === 0) return 'No finite values.';
  if (low === high) return `${plural(total, 'finite value')}, all of them ${formatStatistic(low)}.`;
  const peak = counts.indexOf(Math.max(...counts));
  const from = formatStatistic(edges[peak] ?? null);
  const to = formatStatistic(edges[peak + 1] ?? null);
  return `${plural(total, 'finite value')} from ${formatStatistic(low)} to ${formatStatistic(high)}, most between ${from} and ${to}.`;
}
