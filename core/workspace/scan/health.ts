import type { ScalarStats } from './scalar-stats.ts';

/** What stands out in a tensor, the gravest first. */
export const FINDINGS = ['nan', 'infinite', 'zero', 'constant'] as const;
export type Finding = (typeof FINDINGS)[number];

/**
 * NaNs; infinities; nothing but zeros; one and the same other value in more than one element. Empty tensors
 * have nothing to be found.
 */
export function findingsOf({ count, min, max, zeros, nans, infs }: ScalarStats): readonly Finding[] {
  const found: Finding[] = [];
  if (nans > 0) found.push('nan');
  if (infs > 0) found.push('infinite');
  if (count > 0 && zeros === count) found.push('zero');
  else if (count > 1 && nans + infs === 0 && min !== null && min === max) found.push('constant');
  return found;
}
