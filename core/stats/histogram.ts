import type { Histogram } from './engine.ts';

export const MAX_BINS = 4096;

/** A finite range and the number of equal-width bins over it. */
export interface BinSpec {
  readonly low: number;
  readonly high: number;
  readonly bins: number;
  /** Whether the data may hold NaN or infinities, to be skipped. */
  readonly allFinite: boolean;
}

/**
 * NumPy's rule for data of one value: half a unit to either side. Where that is too little to tell so
 * many edges apart (NumPy then refuses), a few units in the last place for each bin.
 */
function aroundValue(value: number, bins: number): readonly [low: number, high: number] {
  const reach = Math.max(0.5, Math.abs(value) * bins * 2 ** -51);
  return [Math.max(value - reach, -Number.MAX_VALUE), Math.min(value + reach, Number.MAX_VALUE)];
}

export function binSpec(data: { min: number; max: number; allFinite: boolean }, bins: number): BinSpec {
  const { min, max, allFinite } = data;
  const [low, high] = min === max ? aroundValue(min, bins) : [min, max];
  return { low, high, bins, allFinite };
}

/**
 * `numpy.linspace(low, high, bins + 1)` in float64, which numpy.histogram takes its edges from. Where
 * the range itself overflows, NumPy has no answer; the edges are then weighed from both ends.
 */
export function binEdges({ low, high, bins }: BinSpec): Float64Array {
  const edges = new Float64Array(bins + 1);
  const delta = high - low;
  const step = delta / bins;
  for (let k = 0; k < bins; k++) {
    if (!Number.isFinite(delta)) edges[k] = low * (1 - k / bins) + high * (k / bins);
    else edges[k] = step === 0 ? (k / bins) * delta + low : k * step + low;
  }
  edges[bins] = high;
  return edges;
}

/** What the careful kernel divides by; halved where the range itself would overflow. */
export function binScale({ low, high }: BinSpec): {
  readonly low: number;
  readonly width: number;
  readonly scale: number;
} {
  const scale = Number.isFinite(high - low) ? 1 : 0.5;
  return { low: low * scale, width: high * scale - low * scale, scale };
}

/** Edges this much further apart than float64 numbers of their size leave no doubt about the bin. */
const SEPARATION = 2 ** -40;

/** Bins per unit where a product finds the bin up to a correction by its edges; null where only NumPy's own quotient does. */
export function binsPerUnit({ low, high, bins }: BinSpec): number | null {
  const width = (high - low) / bins;
  const plain = Number.isFinite(high - low) && width > SEPARATION * Math.max(Math.abs(low), Math.abs(high));
  const perUnit = bins / (high - low);
  return plain && Number.isFinite(perUnit) ? perUnit : null;
}

/** Whether counting takes another look at the values: one bin holds them all. */
export function needsCounting({ bins }: BinSpec): boolean {
  return bins > 1;
}

export function toHistogram(spec: BinSpec, counts: ArrayLike<number>): Histogram {
  return { edges: Array.from(binEdges(spec)), counts: Array.from(counts) };
}
