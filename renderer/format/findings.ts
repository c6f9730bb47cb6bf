import type { Finding } from '../contract.ts';
import { plural } from './numbers.ts';

interface FindingText {
  /** For a row of the tree. */
  readonly badge: string;
  readonly title: string;
  /** Behind `3 tensors` or `1 tensor`. */
  readonly what: string;
  /** The filter that finds such tensors. */
  readonly filter: string;
  readonly grave: boolean;
}

/** In the order in which they are listed; a test holds the filters to what the host finds. */
export const FINDING_TEXTS: Readonly<Record<Finding, FindingText>> = {
  nan: { badge: 'NaN', title: 'Some values are NaN', what: 'with NaN', filter: 'nans>0', grave: true },
  infinite: { badge: 'Inf', title: 'Some values are infinite', what: 'with infinities', filter: 'infs>0', grave: true },
  zero: { badge: '0', title: 'All values are zero', what: 'all zero', filter: 'sparsity=1', grave: false },
  constant: {
    badge: '=',
    title: 'All values are the same',
    what: 'constant',
    filter: 'range=0 sparsity<1 nans=0 infs=0 elements>1',
    grave: false,
  },
};

export const FINDINGS = Object.keys(FINDING_TEXTS) as readonly Finding[];

/** `3 tensors with NaN`. */
export function findingCount(finding: Finding, tensors: number): string {
  return `${plural(tensors, 'tensor')} ${FINDING_TEXTS[finding].what}`;
}
