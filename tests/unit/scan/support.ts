import { statSync, writeFileSync } from 'node:fs';
import type { LazyTensor } from '../../../core/ndarray/lazy-tensor.ts';
import type { TensorStats } from '../../../core/stats/engine.ts';
import type { ScalarStats } from '../../../core/workspace/scan/scalar-stats.ts';

/** A file of float32 zeros, and one tensor after the other in it. */
export function tensorsOf(path: string, sizes: readonly number[]): LazyTensor[] {
  writeFileSync(path, new Uint8Array(4 * sizes.reduce((sum, size) => sum + size, 0)));
  const { size, mtimeMs, ino } = statSync(path);
  const stamp = { size, mtimeMs, ino };
  let offset = 0;
  return sizes.map((count) => {
    const region = { path, offset, nbytes: 4 * count, stamp };
    offset += region.nbytes;
    return { dtype: 'float32', shape: [count], region, steps: [] };
  });
}

/** Statistics that are easily told apart. */
export function scalars(count: number, change: Partial<ScalarStats> = {}): ScalarStats {
  return {
    count,
    min: -1.5,
    max: count / 3,
    mean: 0.1,
    std: 2,
    l1: 1,
    l2: Number.POSITIVE_INFINITY,
    zeros: 0,
    nans: 0,
    infs: 0,
    negatives: 1,
    sparsity: 0,
    distinct: null,
    ...change,
  };
}

export function wholeStats(count: number): TensorStats {
  return { ...scalars(count), quantiles: null, histogram: null };
}
