import { DEFAULT_QUANTILES, HISTOGRAM_SCALES, type HistogramRequest } from '../core/stats/engine.ts';
import { flag, integer, type OptionTypes, type ParsedCommand, value } from './arguments.ts';
import { MEMORY_OPTION } from './reading.ts';
import { THREADS_OPTION } from './threads.ts';
import { UsageError } from './usage.ts';

const DEFAULT_BINS = '64';
const MOST_BINS = 1024;
const MOST_QUANTILES = 32;

export const STATS_OPTIONS: OptionTypes = {
  tensor: 'string',
  bins: 'string',
  axis: 'string',
  range: 'string',
  threshold: 'string',
  quantiles: 'string',
  exact: 'flag',
  norms: 'string',
  ...MEMORY_OPTION,
  ...THREADS_OPTION,
};

/** What `stats` is to find beyond what every tensor has. */
export interface StatsWishes {
  readonly bins: number;
  /** A histogram over another axis than the plain one; null where none was asked for. */
  readonly histogram: HistogramRequest | null;
  /** Whether people asked for a histogram at all. */
  readonly showsHistogram: boolean;
  readonly quantiles: readonly number[];
  /** Whether people asked for others than the median. */
  readonly asksQuantiles: boolean;
  readonly exact: boolean;
  readonly norms: 'row' | 'column' | null;
}

export function statsWishes(command: ParsedCommand): StatsWishes {
  const bins = integer(value(command, 'bins') ?? DEFAULT_BINS, 'bins', [1, MOST_BINS]);
  const [axis, range, threshold] = ['axis', 'range', 'threshold'].map((name) => value(command, name));
  const scaled = axis ?? range ?? threshold;
  const quantiles = value(command, 'quantiles');
  return {
    bins,
    histogram:
      scaled === undefined
        ? null
        : {
            bins,
            scale: oneOf(axis ?? 'linear', 'axis', HISTOGRAM_SCALES),
            range: range === undefined ? 'full' : rangeOf(range),
            linearThreshold: threshold === undefined ? undefined : numbers(threshold, 'threshold', 1)[0],
          },
    showsHistogram: (scaled ?? value(command, 'bins')) !== undefined,
    quantiles: quantiles === undefined ? DEFAULT_QUANTILES : numbers(quantiles, 'quantiles', MOST_QUANTILES),
    asksQuantiles: quantiles !== undefined,
    exact: flag(command, 'exact'),
    norms: normsOf(value(command, 'norms')),
  };
}

function oneOf<T extends string>(text: string, option: string, known: readonly T[]): T {
  const found = known.find((name) => name === text);
  if (found) return found;
  throw new UsageError(`--${option} wants ${known.slice(0, -1).join(', ')} or ${known.at(-1)}, not '${text}'.`);
}

function rangeOf(text: string): HistogramRequest['range'] {
  if (text === 'full' || text === 'robust') return text;
  const [low, high, ...more] = text.split(',').map(Number);
  if (low === undefined || high === undefined || more.length > 0 || !(low < high) || !Number.isFinite(high - low)) {
    throw new UsageError(`--range wants full, robust or LOW,HIGH with LOW below HIGH, not '${text}'.`);
  }
  return [low, high];
}

function normsOf(text: string | undefined): StatsWishes['norms'] {
  if (text === undefined) return null;
  return oneOf(text, 'norms', ['rows', 'columns']) === 'rows' ? 'row' : 'column';
}

function numbers(text: string, option: string, most: number): number[] {
  const found = text.split(',').map((word) => (word.trim() === '' ? Number.NaN : Number(word)));
  if (found.length <= most && found.every((number) => Number.isFinite(number))) return found;
  throw new UsageError(
    `--${option} wants ${most === 1 ? 'a number' : `up to ${most} numbers, with commas`}, not '${text}'.`,
  );
}
