import type { Quantile } from '../core/stats/engine.ts';
import { type NamedLines, summarizeNorms } from '../core/stats/norms-summary.ts';
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

function normsLines({ lines, shape, l2, maxAbs, nonFinite }: LineNorms): string[] {
  const [rows, columns] = shape.map(formatCount);
  const numbers = {
    l2: Float64Array.from(l2),
    maxAbs: Float64Array.from(maxAbs),
    nonFinite: Float64Array.from(nonFinite),
  };
  const { least, greatest, mean, zero, nonFinite: broken, maxAbs: most } = summarizeNorms(numbers, 1);
  if (!least || !greatest) return [`None in a matrix of ${rows} x ${columns}.`];
  return [
    `${formatCount(l2.length)} ${lines} of a matrix of ${rows} x ${columns}`,
    `L2 norm: least ${formatNumber(least.l2)} (${least.line}), mean ${formatNumber(mean)}, greatest ${formatNumber(greatest.l2)} (${greatest.line})`,
    `Largest magnitude: ${formatNumber(most)}`,
    `All zero: ${listed(zero)}`,
    `With NaN or Inf: ${listed(broken)}`,
  ];
}

function listed({ count, first }: NamedLines): string {
  if (count === 0) return 'none';
  return `${formatCount(count)} (${first.join(', ')}${count > first.length ? ', …' : ''})`;
}
