import { availableParallelism } from 'node:os';
import { bytesFor } from '../ndarray/dtype.ts';
import { type AxisRange, type LazyTensor, resultDType } from '../ndarray/lazy-tensor.ts';
import type { Unpacker } from '../ndarray/packed-storage.ts';
import { elementCount } from '../ndarray/shape.ts';
import { mergeDiff } from './difference.ts';
import {
  type AxisNorms,
  type CellBlock,
  DEFAULT_QUANTILES,
  type DiffOptions,
  type Heatmap,
  type HeatmapRequest,
  type HistogramRequest,
  type MatrixSlice,
  type Quantile,
  type ScaledHistogram,
  type StatsOptions,
  type TensorDiff,
  type TensorEngine,
  type TensorStats,
  type WorkOptions,
} from './engine.ts';
import { runHeatmap } from './heatmap-job.ts';
import { runHistogram } from './histogram-job.ts';
import type { Job } from './job.ts';
import { lanesOf } from './lanes.ts';
import type { StatisticsMemory } from './memory.ts';
import { runNorms } from './norms-job.ts';
import { planNorms } from './norms-plan.ts';
import { PictureCache } from './picture-cache.ts';
import { countsCodes, cut, PIECE_ELEMENTS } from './pieces.ts';
import { quantilesOf } from './quantiles.ts';
import { runExactQuantiles } from './quantiles-job.ts';
import { SpareMemory } from './spectrum/shared-memory.ts';
import type { Spectrum, SpectrumRequest } from './spectrum/spectrum.ts';
import { checkSpectrum, runSpectrum } from './spectrum/spectrum-job.ts';
import { runStats, scanDistribution } from './stats-job.ts';
import { SummaryCache } from './summary-cache.ts';
import { type PlainWork, withPlain } from './unpacked.ts';
import {
  checkBins,
  checkCells,
  checkHistogram,
  checkOrdered,
  checkQuantiles,
  checkRead,
  checkSameShape,
  checkTensor,
  checkTolerance,
} from './validate.ts';
import { checkHeatmap } from './validate-heatmap.ts';
import { WorkerPool } from './worker-pool.ts';

const MAX_DEFAULT_THREADS = 4;
const DEFAULT_BINS = 64;

export interface TensorEngineOptions {
  /** Worker threads; by default as many as there are processors, at most 4. */
  readonly threads?: number;
  /** Starts the threads at once: for a program that is about to use them, and opens its files meanwhile. */
  readonly startNow?: boolean;
  /** The worker's module; tests put one in its place that dies. */
  readonly workerUrl?: URL;
  /** Who unpacks packed tensors; without one they are refused. */
  readonly unpacker?: Unpacker;
  /** What earlier engines found; closed with this one. */
  readonly memory?: StatisticsMemory | null;
}

class PooledTensorEngine implements TensorEngine {
  readonly #pool: WorkerPool;
  readonly #threads: number;
  readonly #known = new SummaryCache();
  readonly #pictures = new PictureCache();
  readonly #spare = new SpareMemory();
  readonly #unpacker: Unpacker | null;
  readonly #memory: StatisticsMemory | null;

  constructor({ threads, startNow, workerUrl, unpacker, memory }: TensorEngineOptions) {
    this.#unpacker = unpacker ?? null;
    this.#memory = memory ?? null;
    this.#threads = threads ?? Math.min(MAX_DEFAULT_THREADS, availableParallelism());
    this.#pool = new WorkerPool(this.#threads, workerUrl ?? new URL('./worker/worker.cjs', import.meta.url));
    if (startNow) this.#pool.start();
  }

  async stats(packed: LazyTensor, options: StatsOptions = {}): Promise<TensorStats> {
    const { bins = DEFAULT_BINS, quantiles = DEFAULT_QUANTILES, ...follow } = options;
    checkTensor(packed);
    checkBins(bins);
    checkQuantiles(quantiles);
    const remembered = await this.#memory?.recall(packed, { bins, quantiles });
    if (remembered) {
      follow.signal?.throwIfAborted();
      follow.onProgress?.(packed.region.nbytes);
      return remembered;
    }
    const summary = await this.#oneJob(packed, follow, (job, tensor) =>
      runStats(this.#pool, job, { tensor, bins, quantiles }),
    );
    this.#known.put(packed, summary);
    this.#memory?.keep(packed, { bins, quantiles }, summary.stats);
    return summary.stats;
  }

  async histogram(packed: LazyTensor, request: HistogramRequest, options: WorkOptions = {}): Promise<ScaledHistogram> {
    checkTensor(packed);
    checkOrdered(resultDType(packed), 'histogram');
    checkHistogram(request);
    const known = this.#known.get(packed);
    const { histogram, summary } = await this.#oneJob(packed, options, (job, tensor) =>
      runHistogram(this.#pool, job, { tensor, request, known }),
    );
    this.#known.put(packed, summary);
    return histogram;
  }

  async quantiles(
    packed: LazyTensor,
    qs: readonly number[],
    options: WorkOptions & { readonly exact?: boolean | undefined } = {},
  ): Promise<readonly Quantile[] | null> {
    const { exact = false, ...follow } = options;
    checkTensor(packed);
    checkOrdered(resultDType(packed), 'quantiles');
    checkQuantiles(qs);
    if (exact && !countsCodes(resultDType(packed))) {
      return await this.#oneJob(packed, follow, (job, tensor) => runExactQuantiles(this.#pool, job, { tensor, qs }));
    }
    const known = this.#known.get(packed);
    const summary = await this.#oneJob(packed, follow, async (job, tensor) => {
      if (known === null) return await scanDistribution(this.#pool, job, tensor);
      await this.#pool.runOne<'verify'>(job, { kind: 'verify' });
      return known;
    });
    this.#known.put(packed, summary);
    return summary.distribution && quantilesOf(summary.distribution, qs);
  }

  async axisNorms(
    packed: LazyTensor,
    slice: MatrixSlice | null,
    lines: 'row' | 'column',
    options: WorkOptions = {},
  ): Promise<AxisNorms> {
    checkTensor(packed);
    const plan = planNorms(packed.shape, slice, lines);
    return await this.#oneJob(packed, options, (job) => runNorms(this.#pool, job, plan), null);
  }

  async spectrum(packed: LazyTensor, request: SpectrumRequest, options: WorkOptions = {}): Promise<Spectrum> {
    checkTensor(packed);
    checkSpectrum(packed, request);
    return await this.#oneJob(packed, options, (job, tensor) =>
      runSpectrum(this.#pool, job, { tensor, request, threads: this.#threads, spare: this.#spare }),
    );
  }

  async hash(packed: LazyTensor, options: WorkOptions = {}): Promise<string> {
    checkTensor(packed);
    return await this.#withPlain([packed], options, ([tensor = packed], work) => {
      const spec = { ...work, tensors: [tensor], totalBytes: tensor.region.nbytes, long: true };
      return this.#pool.withJob(spec, (job) => this.#pool.runOne<'hash'>(job, { kind: 'hash' }));
    });
  }

  async read(packed: LazyTensor, start: number, count: number, options: WorkOptions = {}): Promise<Uint8Array> {
    checkTensor(packed);
    checkRead(resultDType(packed), packed.shape, { start, count });
    return await this.#withPlain([packed], options, ([tensor = packed], work) => {
      const spec = { ...work, tensors: [tensor], totalBytes: bytesFor(tensor.dtype, count) };
      return this.#pool.withJob(spec, (job) => this.#pool.runOne<'read'>(job, { kind: 'read', start, count }));
    });
  }

  async cells(packed: LazyTensor, ranges: readonly AxisRange[], options: WorkOptions = {}): Promise<CellBlock> {
    checkTensor(packed);
    checkCells(ranges, packed.shape);
    const dtype = resultDType(packed);
    const bytes = await this.#withPlain([packed], options, (tensors, work) => {
      const spec = { ...work, tensors, totalBytes: null };
      return this.#pool.withJob(spec, (job) => this.#pool.runOne<'cells'>(job, { kind: 'cells', ranges }));
    });
    return { dtype, encoding: lanesOf(dtype), shape: ranges.map((range) => range.count), bytes };
  }

  async heatmap(packed: LazyTensor, request: HeatmapRequest, options: WorkOptions = {}): Promise<Heatmap> {
    checkTensor(packed);
    return await this.#picture([packed], request, options);
  }

  async deltaHeatmap(
    pair: readonly [LazyTensor, LazyTensor],
    request: HeatmapRequest,
    options: WorkOptions = {},
  ): Promise<Heatmap> {
    for (const packed of pair) checkTensor(packed);
    checkSameShape(...pair);
    return await this.#picture(pair, request, options);
  }

  async #picture(packed: readonly LazyTensor[], request: HeatmapRequest, options: WorkOptions): Promise<Heatmap> {
    checkHeatmap(request, packed[0]?.shape ?? []);
    return await this.#withPlain(packed, options, (tensors, work) => {
      const task = { tensors, request, threads: this.#threads, reduced: this.#pictures };
      return this.#pool.withJob({ ...work, tensors, totalBytes: null }, (job) => runHeatmap(this.#pool, job, task));
    });
  }

  async diff(a: LazyTensor, b: LazyTensor, options: DiffOptions = {}): Promise<TensorDiff> {
    const { tolerance = null, ...follow } = options;
    checkTensor(a);
    checkTensor(b);
    checkSameShape(a, b);
    if (tolerance !== null) checkTolerance(tolerance);
    return await this.#withPlain([a, b], follow, (tensors, work) => {
      const spec = { ...work, tensors, totalBytes: a.region.nbytes + b.region.nbytes };
      return this.#pool.withJob(spec, async (job) => {
        const pieces = cut(elementCount(a.shape), PIECE_ELEMENTS);
        const results = await this.#pool.run<'diff'>(
          job,
          pieces.map((piece) => ({ kind: 'diff', tolerance, ...piece })),
        );
        return mergeDiff(results, { sameDType: resultDType(a) === resultDType(b), tolerant: tolerance !== null });
      });
    });
  }

  /** Work on one tensor whose progress ends at its size, or where it happens to end. */
  #oneJob<T>(
    packed: LazyTensor,
    options: WorkOptions,
    work: (job: Job, tensor: LazyTensor) => Promise<T>,
    totalBytes: number | null = packed.region.nbytes,
  ): Promise<T> {
    return this.#withPlain([packed], options, ([tensor = packed], follow) => {
      const total = totalBytes === null ? null : tensor.region.nbytes;
      return this.#pool.withJob({ ...follow, tensors: [tensor], totalBytes: total }, (job) => work(job, tensor));
    });
  }

  #withPlain<T>(tensors: readonly LazyTensor[], options: WorkOptions, work: PlainWork<T>): Promise<T> {
    return withPlain(this.#unpacker, { tensors, options }, work);
  }

  async close(): Promise<void> {
    await this.#pool.close();
    await this.#memory?.close();
  }
}

/** The engine behind `TensorEngine`: worker threads that start at the first request and end with `close` or the process. */
export function createTensorEngine(options: TensorEngineOptions = {}): TensorEngine {
  return new PooledTensorEngine(options);
}
