import type { LazyTensor } from '../ndarray/lazy-tensor.ts';
import type { Heatmap, HeatmapRequest } from './engine.ts';
import { planHeatmap } from './heatmap-plan.ts';
import type { Job } from './job.ts';
import type { WorkerPool } from './worker-pool.ts';

/** Pictures that read less than this are not worth a second worker. */
const MIN_BAND_BYTES = 2 ** 20;

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

/** Reduces bands of the picture side by side, then colours it as a whole: the scale depends on all of it. */
export async function runHeatmap(
  pool: WorkerPool,
  job: Job,
  { tensor, request, threads }: { tensor: LazyTensor; request: HeatmapRequest; threads: number },
): Promise<Heatmap> {
  const { plan, transposed, exact, readBytes } = planHeatmap(tensor.shape, tensor.dtype, request);
  const count = Math.max(1, Math.min(threads, plan.outer.pixels, Math.floor(readBytes / MIN_BAND_BYTES)));
  const parts = await pool.run<'heatmap'>(
    job,
    bands(plan.outer.pixels, count).map((band) => ({ kind: 'heatmap', plan, ...band })),
  );
  const { height, width, colorMap, range } = request;
  const transposeFrom = transposed ? plan.inner.pixels : null;
  const values = concatenate(parts);
  const colored = await pool.runOne<'color'>(job, { kind: 'color', values, colorMap, range, transposeFrom });
  return { height, width, exact, ...colored };
}
