import type { TensorDiff } from './engine.ts';

/** The record that core/stats/kernels/compare-record.ts lays out. */
const FIELD = {
  pairs: 0,
  sum: 1,
  squares: 2,
  aa: 3,
  bb: 4,
  ab: 5,
  most: 6,
  mostAt: 7,
  changed: 8,
  first: 9,
  nanInA: 10,
  nanInB: 11,
  nanInBoth: 12,
  beyond: 13,
} as const;

/** Fields that two pieces add up; the others say where something is. */
const SUMS = [
  'pairs',
  'sum',
  'squares',
  'aa',
  'bb',
  'ab',
  'changed',
  'nanInA',
  'nanInB',
  'nanInBoth',
  'beyond',
] as const;

export const COMPARE_FIELDS = 14;

type Totals = Record<keyof typeof FIELD, number>;

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function positionOrNull(index: number): number | null {
  return index < 0 ? null : index;
}

function fieldsOf(record: Float64Array): Totals {
  return Object.fromEntries(Object.entries(FIELD).map(([name, at]) => [name, record[at] ?? 0])) as Totals;
}

function totalsOf(records: readonly Float64Array[]): Totals {
  const total = { ...fieldsOf(new Float64Array(COMPARE_FIELDS)), mostAt: -1, first: -1 };
  for (const record of records) {
    const piece = fieldsOf(record);
    for (const field of SUMS) total[field] += piece[field];
    if (total.first < 0) total.first = piece.first;
    if (piece.most > total.most) {
      total.most = piece.most;
      total.mostAt = piece.mostAt;
    }
  }
  return total;
}

/** Merges the records of consecutive pieces, in order. */
export function mergeDiff(
  pieces: readonly { readonly record: Float64Array; readonly identical: boolean }[],
  { sameDType, tolerant }: { readonly sameDType: boolean; readonly tolerant: boolean },
): TensorDiff {
  const { pairs, sum, squares, aa, bb, ab, ...found } = totalsOf(pieces.map(({ record }) => record));
  // Of a dtype whose squares overflow the norms are not finite, and neither ratio means anything.
  const normA = Math.sqrt(aa);
  const norms = normA * Math.sqrt(bb);
  return {
    maxAbs: pairs > 0 ? found.most : null,
    meanAbs: pairs > 0 ? sum / pairs : null,
    relL2: normA > 0 && Number.isFinite(normA) ? Math.sqrt(squares) / normA : null,
    cosine: norms > 0 && Number.isFinite(norms) ? finiteOrNull(Math.min(1, Math.max(-1, ab / norms))) : null,
    changedCount: found.changed,
    firstIndex: positionOrNull(found.first),
    maxIndex: positionOrNull(found.mostAt),
    nans: { a: found.nanInA, b: found.nanInB, both: found.nanInBoth },
    beyondTolerance: tolerant ? found.beyond : null,
    identicalBytes: sameDType && pieces.every((piece) => piece.identical),
  };
}
