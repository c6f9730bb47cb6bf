import { CancelledError, FileChangedError } from '../../errors.ts';
import type { LazyTensor } from '../../ndarray/lazy-tensor.ts';
import type { TensorEngine, TensorStats, WorkOptions } from '../../stats/engine.ts';
import type { ScalarStats } from './scalar-stats.ts';

/** Enough in flight to keep every worker busy while the previous result travels back. */
const IN_FLIGHT = 8;

export interface ScanRequest {
  /** Numbers of the tensors, in the order in which they are wanted. */
  readonly tensors: readonly number[];
  /** Asked when a tensor's turn comes: a checkpoint may have 200,000. */
  readonly lazy: (tensor: number) => LazyTensor;
}

export interface ScanOptions extends WorkOptions {
  /** Each tensor once, as it is known. */
  readonly onResult: (tensor: number, statistics: ScalarStats) => void;
}

/** A tensor that could not be read, while others could. */
export interface ScanFailure {
  readonly tensor: number;
  readonly message: string;
}

/** Statistics of many tensors. */
export class Scanner {
  readonly #engine: Pick<TensorEngine, 'stats'>;

  constructor(engine: Pick<TensorEngine, 'stats'>) {
    this.#engine = engine;
  }

  /**
   * Reads the tensors some at a time. One that cannot be read is left out, and is in the result; a file that
   * changed since it was opened ends the scan with `FileChangedError`, the signal with `CancelledError`.
   */
  async scan({ tensors, lazy }: ScanRequest, options: ScanOptions): Promise<readonly ScanFailure[]> {
    const { signal, onResult } = options;
    const stop = new AbortController();
    const followed = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
    const sum = runningSum(options.onProgress);
    const failures: ScanFailure[] = [];
    let next = 0;
    const runner = async (): Promise<void> => {
      for (let i = next++; i < tensors.length; i = next++) {
        followed.throwIfAborted();
        const tensor = tensors[i];
        if (tensor === undefined) return;
        const part = sum.part();
        try {
          const value = lazy(tensor);
          const stats = await this.#engine.stats(value, { ...SCALARS_ONLY, signal: followed, onProgress: part });
          part(value.region.nbytes);
          onResult(tensor, scalarsOf(stats));
        } catch (error) {
          if (followed.aborted || error instanceof FileChangedError) throw error;
          failures.push({ tensor, message: error instanceof Error ? error.message : String(error) });
        }
      }
    };
    const runners = Array.from({ length: Math.min(IN_FLIGHT, tensors.length) }, runner);
    try {
      await Promise.all(runners);
    } finally {
      stop.abort(new CancelledError());
      await Promise.allSettled(runners);
    }
    return failures;
  }
}

/** Nobody looks at histograms and quantiles of a whole checkpoint; what somebody does look at goes first. */
const SCALARS_ONLY = { bins: 1, quantiles: [], priority: 'background' } as const;

function scalarsOf({ quantiles: _quantiles, histogram: _histogram, ...scalars }: TensorStats): ScalarStats {
  return scalars;
}

/** Adds up what several pieces of work report, each from 0 on. */
function runningSum(report: WorkOptions['onProgress']): { part(): (done: number) => void } {
  let sum = 0;
  return {
    part: () => {
      let before = 0;
      return (done) => {
        sum += done - before;
        before = done;
        report?.(sum);
      };
    },
  };
}
