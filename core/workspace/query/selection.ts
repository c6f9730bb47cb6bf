import type { ScalarStats } from '../scan/scalar-stats.ts';
import type { ScanFailure, ScanFollower } from '../scan/scan.ts';

export interface SearchOptions extends ScanFollower {
  /** Told of each tensor as it is found, in no order where statistics are read for it (null where none were). */
  readonly onFound?: ((tensor: number, statistics: ScalarStats | null) => void) | undefined;
  /** Tensors that are read first: those on screen. */
  readonly first?: ReadonlySet<number> | undefined;
}

export interface Selection {
  /** Ids of the tensors that meet the query, in document order. */
  readonly tensors: readonly number[];
  /** Tensors of which it cannot be told, because they cannot be read. */
  readonly failures: readonly ScanFailure[];
}
