import { DEFAULT_QUANTILES, type Histogram, type Quantile, type TensorStats } from '../../stats/engine.ts';
import type { StatsWish } from '../../stats/memory.ts';
import { SCALAR_STATS, type ScalarStats } from './scalar-stats.ts';

/** How a value is written as a fixed count of float64. */
export interface RecordCodec<Value> {
  /** Tells files of one kind from those of another. */
  readonly name: string;
  readonly width: number;
  /** `width` numbers. */
  encode(value: Value): readonly number[];
  decode(record: Float64Array): Value;
}

/** Nothing that is kept is NaN, but for null. */
const NONE = Number.NaN;

export const SCALARS: RecordCodec<ScalarStats> = {
  name: 'scalars',
  width: SCALAR_STATS.length,
  encode: (statistics) => SCALAR_STATS.map((name) => statistics[name] ?? NONE),
  decode: (record) =>
    Object.fromEntries(
      SCALAR_STATS.map((name, i) => [name, Number.isNaN(record[i]) ? null : record[i]]),
    ) as unknown as ScalarStats,
};

/** What `TensorEngine.stats` gives unless it is told otherwise, and what is kept of it whole. */
const KEPT: StatsWish = { bins: 64, quantiles: DEFAULT_QUANTILES };
const QUANTILES_START = SCALARS.width;
const EDGES_START = QUANTILES_START + 3 * KEPT.quantiles.length;
const COUNTS_START = EDGES_START + KEPT.bins + 1;

export function isKept({ bins, quantiles }: StatsWish): boolean {
  return bins === KEPT.bins && quantiles.join() === KEPT.quantiles.join();
}

/** The scalars; value, low and high of each quantile; the histogram's edges and counts. */
export const WHOLE: RecordCodec<TensorStats> = {
  name: 'whole',
  width: COUNTS_START + KEPT.bins,
  encode: (stats) => [
    ...SCALARS.encode(stats),
    ...KEPT.quantiles.flatMap((_, i) => {
      const { value = NONE, low = NONE, high = NONE } = stats.quantiles?.[i] ?? {};
      return [value, low, high];
    }),
    ...(stats.histogram?.edges ?? new Array<number>(KEPT.bins + 1).fill(NONE)),
    ...(stats.histogram?.counts ?? new Array<number>(KEPT.bins).fill(NONE)),
  ],
  decode: (record) => ({
    ...SCALARS.decode(record),
    quantiles: quantilesIn(record.subarray(QUANTILES_START, EDGES_START)),
    histogram: histogramIn(record),
  }),
};

function quantilesIn(numbers: Float64Array): readonly Quantile[] | null {
  if (Number.isNaN(numbers[0])) return null;
  return KEPT.quantiles.map((q, i) => {
    const [value = NONE, low = NONE, high = NONE] = numbers.subarray(3 * i);
    return { q, value, low, high };
  });
}

function histogramIn(record: Float64Array): Histogram | null {
  if (Number.isNaN(record[EDGES_START])) return null;
  return {
    edges: Array.from(record.subarray(EDGES_START, COUNTS_START)),
    counts: Array.from(record.subarray(COUNTS_START)),
  };
}
