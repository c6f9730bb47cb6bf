import { FileSource } from '../../checkpoint/byte-source.ts';
import { CancelledError, FileChangedError } from '../../errors.ts';
import type { FileRegion, LazyTensor } from '../../ndarray/lazy-tensor.ts';
import type { TensorEngine, TensorStats } from '../../stats/engine.ts';
import { inSlices } from '../slices.ts';
import type { ScalarStats } from './scalar-stats.ts';
import type { ScanFailure, ScanOptions, ScanRequest, ScanResult, TensorScanner } from './scan.ts';
import type { StatisticsCache } from './statistics-cache.ts';

/** Enough in flight to keep every worker busy while the previous result travels back. */
const IN_FLIGHT = 8;
/** What a kill may cost. */
const FLUSH_MS = 20_000;

export class Scanner implements TensorScanner {
  readonly #engine: Pick<TensorEngine, 'stats'>;
  readonly #cache: StatisticsCache<ScalarStats> | null;

  constructor(engine: Pick<TensorEngine, 'stats'>, cache: StatisticsCache<ScalarStats> | null = null) {
    this.#engine = engine;
    this.#cache = cache;
  }

  async scan(request: ScanRequest, options: ScanOptions): Promise<ScanResult> {
    const failures: ScanFailure[] = [];
    const { unread, bytes } = await this.#recall(request, options, failures);
    if (options.knownOnly || unread.length === 0) return { unread: unread.length, failures };
    try {
      await this.#read({ lazy: request.lazy, tensors: unread, bytes }, options, failures);
    } finally {
      await this.#cache?.flush();
    }
    return { unread: 0, failures };
  }

  /** Tells what is known; returns what is not. */
  async #recall({ tensors, lazy }: ScanRequest, options: ScanOptions, failures: ScanFailure[]): Promise<Unread> {
    const values = new Values(lazy, failures);
    const files = new Map<string, FileRegion>();
    const unread: number[] = [];
    let bytes = 0;
    const noteFile = (tensor: number): void => {
      const region = values.of(tensor)?.region;
      if (region) files.set(region.path, region);
    };
    const recall = (tensor: number): void => {
      const value = values.of(tensor);
      const known = value && this.#cache?.get(value);
      if (known) options.onResult(tensor, known);
      else if (value) {
        unread.push(tensor);
        bytes += value.region.nbytes;
      }
    };
    await inSlices(tensors, noteFile, options.signal);
    for (const region of files.values()) {
      await FileSource.known(region).verify();
      await this.#cache?.open(region.path, region.stamp);
    }
    await inSlices(tensors, recall, options.signal);
    return { unread, bytes };
  }

  async #read({ tensors, bytes, lazy }: Reading, options: ScanOptions, failures: ScanFailure[]): Promise<void> {
    const { signal, onProgress, onResult } = options;
    const stop = new AbortController();
    const followed = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
    const startPart = runningSum((done) => onProgress?.(done, bytes));
    onProgress?.(0, bytes);
    const queue = tensors.values();
    const runner = async (): Promise<void> => {
      for (const tensor of queue) {
        followed.throwIfAborted();
        await this.#readOne(tensor, { lazy, onResult, failures, signal: followed, onProgress: startPart() });
      }
    };
    const runners = Array.from({ length: Math.min(IN_FLIGHT, tensors.length) }, runner);
    const flushing = setInterval(() => void this.#cache?.flush(), FLUSH_MS);
    try {
      await Promise.all(runners);
    } finally {
      clearInterval(flushing);
      stop.abort(new CancelledError());
      await Promise.allSettled(runners);
    }
  }

  async #readOne(tensor: number, { lazy, onResult, failures, signal, onProgress }: OneReading): Promise<void> {
    try {
      const value = lazy(tensor);
      const scalars = scalarsOf(await this.#engine.stats(value, { ...SCALARS_ONLY, signal, onProgress }));
      this.#cache?.put(value, scalars);
      signal.throwIfAborted();
      onProgress(value.region.nbytes);
      onResult(tensor, scalars);
    } catch (error) {
      if (signal.aborted || error instanceof FileChangedError) throw error;
      failures.push({ tensor, message: messageOf(error) });
    }
  }
}

interface Unread {
  readonly unread: readonly number[];
  readonly bytes: number;
}

interface Reading extends ScanRequest {
  readonly bytes: number;
}

interface OneReading extends Pick<ScanOptions, 'onResult'>, Pick<ScanRequest, 'lazy'> {
  readonly failures: ScanFailure[];
  readonly signal: AbortSignal;
  readonly onProgress: (done: number) => void;
}

/** The tensors that are there: one that was deleted meanwhile is a failure, once. */
class Values {
  readonly #lazy: ScanRequest['lazy'];
  readonly #failures: ScanFailure[];
  readonly #failed = new Set<number>();

  constructor(lazy: ScanRequest['lazy'], failures: ScanFailure[]) {
    this.#lazy = lazy;
    this.#failures = failures;
  }

  of(tensor: number): LazyTensor | null {
    if (this.#failed.has(tensor)) return null;
    try {
      return this.#lazy(tensor);
    } catch (error) {
      this.#failed.add(tensor);
      this.#failures.push({ tensor, message: messageOf(error) });
      return null;
    }
  }
}

/** Nobody looks at histograms and quantiles of a whole checkpoint; what somebody does look at goes first. */
const SCALARS_ONLY = { bins: 1, quantiles: [], priority: 'background' } as const;

function scalarsOf({ quantiles: _quantiles, histogram: _histogram, ...scalars }: TensorStats): ScalarStats {
  return scalars;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Adds up what several pieces of work report, each from 0 on. */
function runningSum(report: (sum: number) => void): () => (done: number) => void {
  let sum = 0;
  return () => {
    let before = 0;
    return (done) => {
      sum += done - before;
      before = done;
      report(sum);
    };
  };
}
