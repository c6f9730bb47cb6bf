import type { ArrayStatistics } from '../device/array-statistics.ts';
import type { CopyStatistics, Figure } from './summary.ts';

/** As JSON can carry it. */
export function figureOf(value: number | null): Figure {
  if (value === null || Number.isFinite(value)) return value;
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? 'Infinity' : '-Infinity';
}

export function figuresOf({ min, max, mean, std, l2, ...counts }: ArrayStatistics): CopyStatistics {
  const figures = { min: figureOf(min), max: figureOf(max), mean: figureOf(mean) };
  return { ...counts, ...figures, std: figureOf(std), l2: figureOf(l2) };
}

/** The norm of an array on a device; null where its worker died. */
export async function normOf(array: {
  readonly lost: boolean;
  readonly norm: () => Promise<number | null>;
}): Promise<Figure> {
  return array.lost ? null : figureOf(await array.norm());
}
