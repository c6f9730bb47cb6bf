import { availableParallelism } from 'node:os';
import { bytesFor } from '../ndarray/dtype.ts';
import { type AxisRange, type LazyTensor, resultDType } from '../ndarray/lazy-tensor.ts';
import { elementCount } from '../ndarray/shape.ts';
import { mergeDiff } from './difference.ts';
import type {
  CellBlock,
  Heatmap,
  HeatmapRequest,
  TensorDiff,
  TensorEngine,
  TensorStats,
  WorkOptions,
} from './engine.ts';
import { runHeatmap } from './heatmap-job.ts';
import { lanesOf } from './lanes.ts';
import { cut, PIECE_ELEMENTS } from './pieces.ts';
import { runStats } from './stats-job.ts';
import { checkBins, checkCells, checkRead, checkSameShape, checkTensor } from './validate.ts';
import { checkHeatmap } from './validate-heatmap.ts';
import { WorkerPool } from './worker-pool.ts';

const MAX_DEFAULT_THREADS = 4;
const DEFAULT_BINS = 64;

export interface TensorEngineOptions {
  /** Worker threads; by default as many as there are processors, at most 4. */
  readonly threads?: number;
  /** The worker's module; tests put one in its place that dies. */
  readonly workerUrl?: URL;
}

class PooledTensorEngine implements TensorEngine {
  readonly #pool: WorkerPool;
  readonly #threads: number;

  constructor({ threads, workerUrl }: TensorEngineOptions) {
    this.#threads = threads ?? Math.min(MAX_DEFAULT_THREADS, availableParallelism());
    this.#pool = new WorkerPool(this.#threads, workerUrl ?? new URL('./worker/worker.js', import.meta.url));
  }

  async stats(tensor: LazyTensor, options: WorkOptions & { readonly bins?: number } = {}): Promise<TensorStats> {
    const { bins = DEFAULT_BINS, ...work } = options;
    checkTensor(tensor);
    checkBins(bins);
    const spec = { ...work, tensors: [tensor], totalBytes: tensor.region.nbytes };
    return this.#pool.withJob(spec, (job) => runStats(this.#pool, job, { tensor, bins }));
  }

  async hash(tensor: LazyTensor, options: WorkOptions = {}): Promise<string> {
    checkTensor(tensor);
    const spec = { ...options, tensors: [tensor], totalBytes: tensor.region.nbytes, long: true };
    return this.#pool.withJob(spec, (job) => this.#pool.runOne<'hash'>(job, { kind: 'hash' }));
  }

  async read(tensor: LazyTensor, start: number, count: number, options: WorkOptions = {}): Promise<Uint8Array> {
    checkTensor(tensor);
    checkRead(resultDType(tensor), tensor.shape, { start, count });
    const spec = { ...options, tensors: [tensor], totalBytes: bytesFor(tensor.dtype, count) };
    return this.#pool.withJob(spec, (job) => this.#pool.runOne<'read'>(job, { kind: 'read', start, count }));
  }

  async cells(tensor: LazyTensor, ranges: readonly AxisRange[], options: WorkOptions = {}): Promise<CellBlock> {
    checkTensor(tensor);
    checkCells(ranges, tensor.shape);
    const dtype = resultDType(tensor);
    const spec = { ...options, tensors: [tensor], totalBytes: null };
    const bytes = await this.#pool.withJob(spec, (job) => this.#pool.runOne<'cells'>(job, { kind: 'cells', ranges }));
    return { dtype, encoding: lanesOf(dtype), shape: ranges.map((range) => range.count), bytes };
  }

  async heatmap(tensor: LazyTensor, request: HeatmapRequest, options: WorkOptions = {}): Promise<Heatmap> {
    checkTensor(tensor);
    checkHeatmap(request, tensor.shape);
    const spec = { ...options, tensors: [tensor], totalBytes: null };
    const task = { tensor, request, threads: this.#threads };
    return this.#pool.withJob(spec, (job) => runHeatmap(this.#pool, job, task));
  }

  async diff(a: LazyTensor, b: LazyTensor, options: WorkOptions = {}): Promise<TensorDiff> {
    checkTensor(a);
    checkTensor(b);
    checkSameShape(a, b);
    const spec = { ...options, tensors: [a, b], totalBytes: a.region.nbytes + b.region.nbytes };
    return this.#pool.withJob(spec, async (job) => {
      const pieces = cut(elementCount(a.shape), PIECE_ELEMENTS);
      const results = await this.#pool.run<'diff'>(
        job,
        pieces.map((piece) => ({ kind: 'diff', ...piece })),
      );
      return mergeDiff(results, resultDType(a) === resultDType(b));
    });
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}

/** The engine behind `TensorEngine`: worker threads that start at the first request and end with `close` or the process. */
export function createTensorEngine(options: TensorEngineOptions = {}): TensorEngine {
  return new PooledTensorEngine(options);
}
