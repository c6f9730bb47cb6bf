import type { Histogram } from './engine.ts';

/** A finite range and the number of equal-width bins over it. */
export interface BinSpec {
  readonly low: number;
  readonly high: number;
  readonly bins: number;
}

/** NumPy's rule for data of one value: half a unit to either side. */
export function binSpec(min: number, max: number, bins: number): BinSpec {
  return min === max ? { low: min - 0.5, high: max + 0.5, bins } : { low: min, high: max, bins };
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

/** What the bin kernels divide by; halved where the range itself would overflow. */
export function binScale({ low, high }: BinSpec): {
  readonly low: number;
  readonly width: number;
  readonly scale: number;
} {
  const scale = Number.isFinite(high - low) ? 1 : 0.5;
  return { low: low * scale, width: high * scale - low * scale, scale };
}

export function toHistogram(spec: BinSpec, counts: ArrayLike<number>): Histogram {
  return { edges: Array.from(binEdges(spec)), counts: Array.from(counts) };
}
