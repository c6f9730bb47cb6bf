import type { DocumentSummary } from '../contract.ts';

export interface DTypeShare {
  /** A dtype's name, or how many smaller ones are taken together. */
  readonly label: string;
  readonly tensors: number;
  readonly bytes: number;
}

/** The shares that the header shows: the largest by themselves, the rest as one where there are more than `most`. */
export function dtypeShares(totals: DocumentSummary['totals']['byDType'], most: number): readonly DTypeShare[] {
  const shares = totals.map(({ dtype, tensors, bytes }) => ({ label: dtype, tensors, bytes }));
  if (shares.length <= most) return shares;
  const rest = shares.slice(most - 1);
  const sum = (key: 'tensors' | 'bytes'): number => rest.reduce((total, share) => total + share[key], 0);
  return [
    ...shares.slice(0, most - 1),
    { label: `${rest.length} others`, tensors: sum('tensors'), bytes: sum('bytes') },
  ];
}
