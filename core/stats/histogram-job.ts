import type { DType } from '../ndarray/dtype.ts';
import { type LazyTensor, resultDType } from '../ndarray/lazy-tensor.ts';
import { elementCount } from '../ndarray/shape.ts';
import type { Distribution } from './distribution.ts';
import type { HistogramRequest, ScaledHistogram } from './engine.ts';
import type { Job } from './job.ts';
import { cut, PIECE_ELEMENTS } from './pieces.ts';
import { scaledEdges } from './scaled-edges.ts';
import { addTo, type Summarized, scanDistribution } from './stats-job.ts';
import type { WorkerPool } from './worker-pool.ts';

const DEFAULT_BINS = 64;
const CODES = 65_536;
/** float16 and float32 have no smaller positive values than these; of other dtypes nothing is assumed. */
const LEAST_POSITIVE: Partial<Record<DType, number>> = { float16: 2 ** -24, bfloat16: 2 ** -133, float32: 2 ** -149 };

interface HistogramTask {
  readonly tensor: LazyTensor;
  readonly request: HistogramRequest;
  /** What an earlier look left. */
  readonly known: Summarized | null;
}

/** The slot of a value between edges: 0 below all of them, their number above; the last bin includes its upper edge. */
function slotOf(edges: Float64Array, x: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((edges[middle] ?? 0) <= x) low = middle + 1;
    else high = middle;
  }
  return low === edges.length && x === edges.at(-1) ? low - 1 : low;
}

/** Negatives, zeros and too small values have slots of their own on an axis of logarithms. */
const LOG_EDGES = [0, Number.MIN_VALUE];

interface Split {
  /** Counts per slot of the runs that lie in one. */
  readonly counts: Float64Array;
  /** First and last slot of each prefix whose run lies in several; null where there is none. */
  readonly slots: Uint16Array | null;
}

function split(distribution: Distribution, edges: Float64Array): Split {
  const counts = new Float64Array(edges.length + 1);
  const slots = new Uint16Array(2 * CODES);
  let straddling = false;
  distribution.counts.forEach((count, k) => {
    const first = slotOf(edges, distribution.lows[k] ?? 0);
    const last = slotOf(edges, distribution.highs[k] ?? 0);
    if (first === last) {
      counts[first] = (counts[first] ?? 0) + count;
      return;
    }
    straddling = true;
    slots.set([first, last], 2 * (distribution.codes[k] ?? 0));
  });
  return { counts, slots: straddling ? slots : null };
}

/** Bins a tensor anew; reads it only where what is known of it leaves a value's bin open. */
export async function runHistogram(
  pool: WorkerPool,
  job: Job,
  { tensor, request, known }: HistogramTask,
): Promise<{ readonly histogram: ScaledHistogram; readonly summary: Summarized }> {
  if (known) await pool.runOne<'verify'>(job, { kind: 'verify' });
  const summary = known ?? (await scanDistribution(pool, job, tensor));
  const { stats, distribution } = summary;
  const { nans, infs } = stats;
  const { scale, bins = DEFAULT_BINS } = request;
  const least = LEAST_POSITIVE[resultDType(tensor)] ?? Number.MIN_VALUE;
  const empty = { lows: new Float64Array(0), highs: new Float64Array(0), counts: new Float64Array(0) };
  const values = distribution ?? { ...empty, codes: new Uint16Array(0) };
  const { edges, linearThreshold } = scaledEdges({ ...request, bins }, { distribution: values, least });
  const extra = scale === 'log' ? LOG_EDGES.length : 0;
  const all = extra > 0 ? Float64Array.of(...LOG_EDGES, ...edges) : edges;
  const { counts, slots } = split(values, all);
  if (slots !== null) {
    const pieces = cut(elementCount(tensor.shape), PIECE_ELEMENTS);
    await pool.fold<'straddlers'>(
      job,
      { pieces: pieces.map((piece) => ({ kind: 'straddlers', edges: all, slots, ...piece })), share: known ? 1 : 0.5 },
      (piece) => addTo(counts, piece),
    );
  }
  const [negatives = 0, zeros = 0] = extra > 0 ? counts : [];
  const inBins = edges.length > 0 ? counts.subarray(extra + 1, -1) : new Float64Array(0);
  const histogram = {
    scale,
    nans,
    infs,
    negatives,
    zeros,
    linearThreshold,
    edges: Array.from(edges),
    counts: Array.from(inBins),
    below: edges.length > 0 ? (counts[extra] ?? 0) : 0,
    above: edges.length > 0 ? (counts.at(-1) ?? 0) : 0,
    reread: slots !== null,
  };
  return { histogram, summary };
}
