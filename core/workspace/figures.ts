import type { Figure } from './summary.ts';

/** As JSON can carry it. */
export function figureOf(value: number | null): Figure {
  if (value === null || Number.isFinite(value)) return value;
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? 'Infinity' : '-Infinity';
}

/** The norm of an array on a device; null where its worker died. */
export async function normOf(array: {
  readonly lost: boolean;
  readonly norm: () => Promise<number | null>;
}): Promise<Figure> {
  return array.lost ? null : figureOf(await array.norm());
}
