import { availableParallelism } from 'node:os';
import { bytesFor } from '../ndarray/dtype.ts';
import { type AxisRange, type LazyTensor, resultDType } from '../ndarray/lazy-tensor.ts';
import type { Unpacker } from '../ndarray/packed-storage.ts';
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
import { type PlainWork, withPlain } from './unpacked.ts';
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
  /** Who unpacks packed tensors; without one they are refused. */
  readonly unpacker?: Unpacker;
}

class PooledTensorEngine implements TensorEngine {
  readonly #pool: WorkerPool;
  readonly #threads: number;
  readonly #unpacker: Unpacker | null;

  constructor({ threads, workerUrl, unpacker }: TensorEngineOptions) {
    this.#unpacker = unpacker ?? null;
    this.#threads = threads ?? Math.min(MAX_DEFAULT_THREADS, availableParallelism());
    this.#pool = new WorkerPool(this.#threads, workerUrl ?? new URL('./worker/worker.js', import.meta.url));
  }

  async stats(packed: LazyTensor, options: WorkOptions & { readonly bins?: number } = {}): Promise<TensorStats> {
    const { bins = DEFAULT_BINS, ...follow } = options;
    checkTensor(packed);
    checkBins(bins);
    return await this.#withPlain([packed], follow, ([tensor = packed], work) => {
      const spec = { ...work, tensors: [tensor], totalBytes: tensor.region.nbytes };
      return this.#pool.withJob(spec, (job) => runStats(this.#pool, job, { tensor, bins }));
    });
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
    checkHeatmap(request, packed.shape);
    return await this.#withPlain([packed], options, ([tensor = packed], work) => {
      const spec = { ...work, tensors: [tensor], totalBytes: null };
      const task = { tensor, request, threads: this.#threads };
      return this.#pool.withJob(spec, (job) => runHeatmap(this.#pool, job, task));
    });
  }

  async diff(a: LazyTensor, b: LazyTensor, options: WorkOptions = {}): Promise<TensorDiff> {
    checkTensor(a);
    checkTensor(b);
    checkSameShape(a, b);
    return await this.#withPlain([a, b], options, (tensors, work) => {
      const spec = { ...work, tensors, totalBytes: a.region.nbytes + b.region.nbytes };
      return this.#pool.withJob(spec, async (job) => {
        const pieces = cut(elementCount(a.shape), PIECE_ELEMENTS);
        const results = await this.#pool.run<'diff'>(
          job,
          pieces.map((piece) => ({ kind: 'diff', ...piece })),
        );
        return mergeDiff(results, resultDType(a) === resultDType(b));
      });
    });
  }

  #withPlain<T>(tensors: readonly LazyTensor[], options: WorkOptions, work: PlainWork<T>): Promise<T> {
    return withPlain(this.#unpacker, { tensors, options }, work);
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}

/** The engine behind `TensorEngine`: worker threads that start at the first request and end with `close` or the process. */
export function createTensorEngine(options: TensorEngineOptions = {}): TensorEngine {
  return new PooledTensorEngine(options);
}
