import type { LazyTensor } from '../../ndarray/lazy-tensor.ts';

/** What a probe can take a tensor for. */
export const PROBE_KINDS = ['dense', 'convolution', 'embedding', 'layer norm', 'batch norm', 'bias', 'scale'] as const;
export type ProbeKind = (typeof PROBE_KINDS)[number];

/** A tensor of an open document whose first axis counts examples. */
export interface LoadedBatch {
  readonly value: LazyTensor;
  /** File name, for messages. */
  readonly file: string;
}

export interface ProbeSpec {
  readonly as: ProbeKind;
  /**
   * `random`: standard normal values, for an embedding uniform indices; `ones`: every value or index is 1.
   * The batch is cast to the Parameter's dtype, and is the same on every device and in every pass.
   */
  readonly batch: 'random' | 'ones' | LoadedBatch;
  /** Of the random batch. */
  readonly seed: number;
  /** Of a batch that is not loaded. */
  readonly batchSize: number;
  /** How often to run forward and backward. */
  readonly times: number;
}
