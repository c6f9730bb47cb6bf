import type { LazyTensor } from '../ndarray/lazy-tensor.ts';
import type { Heatmap, HeatmapRequest } from './engine.ts';
import { type PlannedHeatmap, planHeatmap } from './heatmap-plan.ts';
import type { Job } from './job.ts';
import type { PictureCache } from './picture-cache.ts';
import { keyOf } from './summary-cache.ts';
import type { WorkerPool } from './worker-pool.ts';

/** Pictures that read less than this are not worth a second worker. */
const MIN_BAND_BYTES = 2 ** 20;
/** A worker reads no more than this before somebody else has a turn. */
const MAX_BAND_BYTES = 2 ** 26;

function bands(pixels: number, count: number): { readonly start: number; readonly stop: number }[] {
  return Array.from({ length: count }, (_, k) => ({
    start: Math.floor((k * pixels) / count),
    stop: Math.floor(((k + 1) * pixels) / count),
  }));
}

function concatenate(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export interface HeatmapTask {
  /** One, or two of one shape whose difference is wanted. */
  readonly tensors: readonly LazyTensor[];
  readonly request: HeatmapRequest;
  readonly threads: number;
  readonly reduced: PictureCache;
}

/** Reduces bands of the picture side by side. */
async function reduce(
  pool: WorkerPool,
  job: Job,
  { plan, readBytes, threads }: PlannedHeatmap & Pick<HeatmapTask, 'threads'>,
): Promise<Float32Array> {
  const { pixels } = plan.outer;
  const useful = Math.min(threads, Math.floor(readBytes / MIN_BAND_BYTES));
  const count = Math.min(pixels, Math.max(1, useful, Math.ceil(readBytes / MAX_BAND_BYTES)));
  const pieces = bands(pixels, count).map((band) => ({ kind: 'heatmap' as const, plan, ...band }));
  return concatenate(await pool.run<'heatmap'>(job, pieces));
}

/** Reduces, unless that was done before, then colours the picture as a whole: the scale depends on all of it. */
export async function runHeatmap(pool: WorkerPool, job: Job, task: HeatmapTask): Promise<Heatmap> {
  const { tensors, request, threads, reduced } = task;
  const dtypes = tensors.map(({ dtype }) => dtype);
  const planned = planHeatmap(tensors[0]?.shape ?? [], dtypes, request);
  const key = reduced.key(tensors.map(keyOf), planned.plan);
  const values = reduced.get(key) ?? (await reduce(pool, job, { ...planned, threads }));
  reduced.put(key, values);
  const { height, width, colorMap, range } = request;
  const transposeFrom = planned.transposed ? planned.plan.inner.pixels : null;
  const colored = await pool.runOne<'color'>(job, { kind: 'color', values, colorMap, range, transposeFrom });
  return { height, width, exact: planned.exact, ...colored };
}
