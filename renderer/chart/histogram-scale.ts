import type { Histogram, ScaledHistogram } from '../contract.ts';
import { formatCount, formatStatistic, plural } from '../format/numbers.ts';

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

/** Where a value lies on the axis of these edges, whose bins are drawn equally wide: 0 to 1. */
export function positionOf(value: number, edges: readonly number[], scale: ScaledHistogram['scale']): number {
  const low = edges[0] ?? 0;
  const high = edges.at(-1) ?? 0;
  if (scale === 'linear') return shareOf(value, low, high);
  const bin = edges.findLastIndex((edge) => edge <= value);
  if (bin < 0) return 0;
  if (bin >= edges.length - 1) return 1;
  return (bin + shareOf(value, edges[bin] ?? low, edges[bin + 1] ?? high)) / (edges.length - 1);
}

/** What no bin holds, in a sentence; empty where there is nothing. */
export function outsideOf(
  outside: Pick<ScaledHistogram, 'below' | 'above' | 'zeros' | 'negatives' | 'nans' | 'infs'>,
): string {
  const parts = [
    outside.below > 0 ? `${formatCount(outside.below)} below the range` : '',
    outside.above > 0 ? `${formatCount(outside.above)} above the range` : '',
    outside.zeros > 0 ? plural(outside.zeros, 'zero') : '',
    outside.negatives > 0 ? plural(outside.negatives, 'negative value') : '',
    outside.nans > 0 ? plural(outside.nans, 'NaN') : '',
    outside.infs > 0 ? plural(outside.infs, 'Inf') : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? '' : `In no bin: ${parts.join(', ')}.`;
}
