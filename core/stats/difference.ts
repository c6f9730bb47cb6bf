import type { TensorDiff } from './engine.ts';

/** The record that core/stats/kernels/compare.ts fills. */
const FIELD = { pairs: 0, sum: 1, squares: 2, aa: 3, bb: 4, ab: 5, most: 6, changed: 7 } as const;
export const COMPARE_FIELDS = 8;

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** Merges the records of consecutive pieces, in order. */
export function mergeDiff(
  pieces: readonly { readonly record: Float64Array; readonly identical: boolean }[],
  sameDType: boolean,
): TensorDiff {
  const total = new Float64Array(COMPARE_FIELDS);
  for (const { record } of pieces) {
    const most = Math.max(total[FIELD.most] ?? 0, record[FIELD.most] ?? 0);
    record.forEach((value, field) => {
      total[field] = (total[field] ?? 0) + value;
    });
    total[FIELD.most] = most;
  }
  const [pairs = 0, sum = 0, squares = 0, aa = 0, bb = 0, ab = 0, most = 0, changed = 0] = total;
  // Of a dtype whose squares overflow the norms are not finite, and neither ratio means anything.
  const normA = Math.sqrt(aa);
  const norms = normA * Math.sqrt(bb);
  return {
    maxAbs: pairs > 0 ? most : null,
    meanAbs: pairs > 0 ? sum / pairs : null,
    relL2: normA > 0 && Number.isFinite(normA) ? Math.sqrt(squares) / normA : null,
    cosine: norms > 0 && Number.isFinite(norms) ? finiteOrNull(Math.min(1, Math.max(-1, ab / norms))) : null,
    changedCount: changed,
    identicalBytes: sameDType && pieces.every((piece) => piece.identical),
  };
}
