/** What a probe can take a tensor for. */
export const PROBE_KINDS = ['dense', 'convolution', 'embedding', 'layer norm', 'batch norm', 'bias', 'scale'] as const;
export type ProbeKind = (typeof PROBE_KINDS)[number];

export interface ProbeSpec {
  readonly as: ProbeKind;
  /** `random`: standard normal values, for an embedding uniform indices; `ones`: every value or index is 1. */
  readonly batch: 'random' | 'ones';
  /** Of the random batch, which is the same on every device and in every pass. */
  readonly seed: number;
  readonly batchSize: number;
  /** How often to run forward and backward. */
  readonly times: number;
}
