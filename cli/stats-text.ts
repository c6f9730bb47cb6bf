import type { Quantile } from '../core/stats/engine.ts';
import { formatCount, formatNumber, printable, table } from './output.ts';
import type { StatsWishes } from './stats-options.ts';
import type { LineNorms, TensorReport } from './tensor-report.ts';

/** Reports of tensors for people: a row for each, and under the table what was asked for besides. */
export function statsText(
  named: readonly (readonly [name: string, report: TensorReport])[],
  wishes: StatsWishes,
): string[] {
  const details = named.map(([name, { histogram, norms }]) => [
    ...(wishes.showsHistogram && histogram
      ? ['', `Histogram of ${printable(name)}`, ...histogramLines(histogram)]
      : []),
    ...(norms ? ['', `Norms of the ${norms.lines} of ${printable(name)}`, ...normsLines(norms)] : []),
  ]);
  return [...overview(named, wishes), ...details.flat()];
}

const NUMBERS = ['min', 'max', 'mean', 'std', 'l1', 'l2'] as const;
const COUNTS = ['zeros', 'negatives', 'nans', 'infs', 'distinct'] as const;

function overview(
  named: readonly (readonly [name: string, report: TensorReport])[],
  { quantiles, asksQuantiles }: StatsWishes,
): string[] {
  const shown = asksQuantiles ? quantiles : [0.5];
  const headings = ['name', 'count', ...NUMBERS, ...shown.map((q) => (q === 0.5 ? 'median' : `q${q}`)), ...COUNTS];
  const rows = named.map(([name, report]) => [
    printable(name),
    formatCount(report.count),
    ...NUMBERS.map((key) => formatNumber(report[key])),
    ...shown.map((q) => formatQuantile(report.quantiles?.find((found) => found.q === q))),
    ...COUNTS.map((key) => {
      const count = report[key];
      return count === null ? '-' : formatCount(count);
    }),
  ]);
  return table([headings, ...rows], Array.from(headings.keys()).slice(1));
}

/** What is known up to a bound says that it is about right. */
function formatQuantile(quantile: Quantile | undefined): string {
  if (!quantile) return '-';
  const { value, low, high } = quantile;
  return low === high ? formatNumber(value) : `~${formatNumber(Number(value.toPrecision(3)))}`;
}

const BAR_WIDTH = 40;

function histogramLines(histogram: NonNullable<TensorReport['histogram']>): string[] {
  const { edges, counts } = histogram;
  const most = Math.max(...counts);
  const rows = counts.map((count, k) => [
    formatNumber(edges[k] ?? null),
    formatNumber(edges[k + 1] ?? null),
    formatCount(count),
    '#'.repeat(Math.ceil((count / Math.max(1, most)) * BAR_WIDTH)),
  ]);
  return [...table([['from', 'to', 'count', ''], ...rows], [0, 1, 2]), ...outsideLine(histogram)];
}

/** What is in no bin; nothing where all is. */
function outsideLine(histogram: NonNullable<TensorReport['histogram']>): string[] {
  if (!('below' in histogram)) return [];
  const parts = (['below', 'above', 'zeros', 'negatives', 'nans', 'infs'] as const).flatMap((key) =>
    histogram[key] > 0 ? [`${formatCount(histogram[key])} ${key}`] : [],
  );
  return parts.length > 0 ? [`In no bin: ${parts.join(', ')}.`] : [];
}

/** So many lines are named one by one. */
const MOST_NAMED = 20;

function normsLines({ lines, shape, l2, maxAbs, nonFinite }: LineNorms): string[] {
  const [rows, columns] = shape;
  const sorted = l2.toSorted((a, b) => a - b);
  const dead = l2.flatMap((norm, line) => (norm === 0 && nonFinite[line] === 0 ? [line] : []));
  const broken = nonFinite.flatMap((count, line) => (count > 0 ? [line] : []));
  const least = l2.indexOf(sorted[0] ?? 0);
  const most = l2.indexOf(sorted.at(-1) ?? 0);
  if (l2.length === 0) return [`${formatCount(rows)} x ${formatCount(columns)}: none.`];
  return [
    `${formatCount(l2.length)} ${lines} of a matrix ${formatCount(rows)} x ${formatCount(columns)}`,
    `L2 norm: least ${formatNumber(l2[least] ?? null)} (${least}), median ${formatNumber(sorted[sorted.length >> 1] ?? null)}, greatest ${formatNumber(l2[most] ?? null)} (${most})`,
    `Largest magnitude: ${formatNumber(maxAbs.reduce((a, b) => Math.max(a, b), 0))}`,
    `All zero: ${listed(dead)}`,
    `With NaN or Inf: ${listed(broken)}`,
  ];
}

function listed(lines: readonly number[]): string {
  if (lines.length === 0) return 'none';
  const more = lines.length > MOST_NAMED ? ', …' : '';
  return `${formatCount(lines.length)} (${lines.slice(0, MOST_NAMED).join(', ')}${more})`;
}
