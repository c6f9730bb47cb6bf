import type { TensorStats } from '../../stats/engine.ts';

/** The statistics that are one number, in the order in which records of them are kept. */
export const SCALAR_STATS = [
  'count',
  'min',
  'max',
  'mean',
  'std',
  'l1',
  'l2',
  'zeros',
  'nans',
  'infs',
  'negatives',
  'sparsity',
  'distinct',
] as const satisfies readonly (keyof TensorStats)[];

/** What is known of each tensor after a scan: `TensorStats` without its distribution. */
export type ScalarStats = Pick<TensorStats, (typeof SCALAR_STATS)[number]>;
