import type { LazyTensor } from '../ndarray/lazy-tensor.ts';
import type { TensorStats } from './engine.ts';

/** What was asked of a tensor. */
export interface StatsWish {
  readonly bins: number;
  readonly quantiles: readonly number[];
}

/** Where an engine keeps what it found for longer than it lives. */
export interface StatisticsMemory {
  /** Null where it does not know. Throws `FileChangedError` where the file is no longer the one that was opened. */
  recall(tensor: LazyTensor, wish: StatsWish): Promise<TensorStats | null>;
  keep(tensor: LazyTensor, wish: StatsWish, found: TensorStats): void;
  /** Writes what was kept. */
  close(): Promise<void>;
}
