import type { LazyTensor } from '../../ndarray/lazy-tensor.ts';
import type { ScalarStats } from './scalar-stats.ts';

export interface ScanRequest {
  /** Numbers of the tensors, in the order in which they are wanted. */
  readonly tensors: readonly number[];
  /** Asked when a tensor's turn comes: a checkpoint may have 200,000. */
  readonly lazy: (tensor: number) => LazyTensor;
}

export interface ScanFollower {
  readonly signal?: AbortSignal | undefined;
  /** Bytes read so far, of those that are not known already; monotonic. */
  readonly onProgress?: ((doneBytes: number, totalBytes: number) => void) | undefined;
}

export interface ScanOptions extends ScanFollower {
  /** Each tensor at most once, as it is known: first what earlier scans found. */
  readonly onResult: (tensor: number, statistics: ScalarStats) => void;
  /** Only what earlier scans found: nothing is read. */
  readonly knownOnly?: boolean;
}

/** A tensor that could not be read, while others could. */
export interface ScanFailure {
  readonly tensor: number;
  readonly message: string;
}

export interface ScanResult {
  /** Tensors without a result that were not to be read. */
  readonly unread: number;
  readonly failures: readonly ScanFailure[];
}

/** Statistics of many tensors, read once for all scans. */
export interface TensorScanner {
  /**
   * One tensor that cannot be read is left out, and is in the result; a file that changed since it was opened
   * ends the scan with `FileChangedError`, the signal with `CancelledError`.
   */
  scan(request: ScanRequest, options: ScanOptions): Promise<ScanResult>;
}

/** The same tensors, those in `first` before the others. */
export function wantedFirst(tensors: readonly number[], first: ReadonlySet<number>): number[] {
  return [...tensors.filter((tensor) => first.has(tensor)), ...tensors.filter((tensor) => !first.has(tensor))];
}
