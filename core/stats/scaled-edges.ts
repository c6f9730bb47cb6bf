import type { Distribution } from './distribution.ts';
import type { HistogramRequest } from './engine.ts';
import { binEdges, binSpec } from './histogram.ts';
import { quantilesOf } from './quantiles.ts';

/** The share of the values at either end that a robust range leaves out. */
const ROBUST_TAIL = 0.001;
/** Where nothing else is said, an axis of both signs is linear up to this share of its robust extent. */
const LINEAR_SHARE = 1e-3;
/** Of one positive value, the factor that the axis spans to either side. */
const AROUND = 2;

export interface ScaledEdges {
  /** Ascending, from the low to the high end; empty where there is nothing that the axis could show. */
  readonly edges: Float64Array;
  readonly linearThreshold: number | null;
}

/** The positive values of a distribution, without its zeros. */
function positives({ lows, highs, counts, codes }: Distribution, least: number): Distribution {
  const wanted = Array.from(highs.keys()).filter((k) => (highs[k] ?? 0) > 0);
  const ofLows = Float64Array.from(wanted, (k) => Math.max(lows[k] ?? 0, least));
  const ofHighs = lows === highs ? ofLows : Float64Array.from(wanted, (k) => highs[k] ?? 0);
  return {
    lows: ofLows,
    highs: ofHighs,
    counts: Float64Array.from(wanted, (k) => counts[k] ?? 0),
    codes: Uint16Array.from(wanted, (k) => codes[k] ?? 0),
  };
}

function rangeOf(distribution: Distribution, range: HistogramRequest['range']): readonly [number, number] | null {
  const { lows, highs } = distribution;
  const low = lows[0];
  const high = highs.at(-1);
  if (typeof range === 'object') return range;
  if (low === undefined || high === undefined) return null;
  if (range === 'full') return [low, high];
  const [first, last] = quantilesOf(distribution, [ROBUST_TAIL, 1 - ROBUST_TAIL]) ?? [];
  return [first?.low ?? low, last?.high ?? high];
}

function logEdges([low, high]: readonly [number, number], bins: number): Float64Array {
  const [from, to] = low === high ? [low / AROUND || low, Math.min(high * AROUND, Number.MAX_VALUE)] : [low, high];
  const edges = new Float64Array(bins + 1);
  for (let k = 0; k <= bins; k++) edges[k] = Math.exp(Math.log(from) * (1 - k / bins) + Math.log(to) * (k / bins));
  return pinned(edges, from, to);
}

/** Both ends are what was asked for, and rounding on the way may not put an edge beyond them or out of order. */
function pinned(edges: Float64Array, low: number, high: number): Float64Array {
  edges[0] = low;
  for (let k = 1; k < edges.length; k++) {
    edges[k] = Math.min(high, Math.max(edges[k] ?? low, edges[k - 1] ?? low));
  }
  edges[edges.length - 1] = high;
  return edges;
}

function symlogEdges([low, high]: readonly [number, number], bins: number, threshold: number): Float64Array {
  const position = (x: number): number =>
    Math.abs(x) <= threshold ? x / threshold : Math.sign(x) * (1 + Math.log(Math.abs(x) / threshold));
  const value = (p: number): number =>
    Math.abs(p) <= 1 ? p * threshold : Math.sign(p) * Math.exp(Math.abs(p) - 1) * threshold;
  const spec = binSpec({ min: position(low), max: position(high), allFinite: true }, bins);
  return pinned(binEdges(spec).map(value), Math.min(low, value(spec.low)), Math.max(high, value(spec.high)));
}

function defaultThreshold([low, high]: readonly [number, number], distribution: Distribution): number {
  const [first, last] = rangeOf(distribution, 'robust') ?? [low, high];
  const extent = Math.max(Math.abs(first), Math.abs(last)) || Math.max(Math.abs(low), Math.abs(high)) || 1;
  return Math.max(extent * LINEAR_SHARE, Number.MIN_VALUE);
}

/** Edges in float64 for a request; `least` is the least positive value that the dtype has. */
export function scaledEdges(
  request: HistogramRequest & { readonly bins: number },
  { distribution, least }: { readonly distribution: Distribution; readonly least: number },
): ScaledEdges {
  const { bins, scale } = request;
  const shown = scale === 'log' ? positives(distribution, least) : distribution;
  const range = rangeOf(shown, request.range);
  if (range === null) return { edges: new Float64Array(0), linearThreshold: null };
  if (scale === 'log') return { edges: logEdges(range, bins), linearThreshold: null };
  if (scale === 'linear') {
    const edges = binEdges(binSpec({ min: range[0], max: range[1], allFinite: true }, bins));
    return { edges, linearThreshold: null };
  }
  const linearThreshold = request.linearThreshold ?? defaultThreshold(range, distribution);
  return { edges: symlogEdges(range, bins, linearThreshold), linearThreshold };
}
