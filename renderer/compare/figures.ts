import type { Figure } from '../contract.ts';
import { formatFigure } from '../format/figures.ts';

/** So many digits tell the rows of a list apart. */
const SHORT_DIGITS = 4;

/** A figure in a column: its detail has all digits. Whole numbers are exact here too. */
export function formatShortFigure(figure: Figure): string {
  const isFraction = typeof figure === 'number' && !Number.isInteger(figure);
  return formatFigure(isFraction ? Number(figure.toPrecision(SHORT_DIGITS)) : figure);
}

/** What a cosine of parallel vectors lacks of 1 by the rounding of float64 alone. */
const ROUNDING = 2 ** -50;

/** A cosine that is nearly 1 by what it lacks, `1 − 3.2e-8`: rounded it would say that nothing differs. */
export function formatCosine(cosine: Figure): string {
  if (typeof cosine !== 'number' || cosine < 0.9999) return formatFigure(cosine);
  if (cosine >= 1 - ROUNDING) return '1';
  return `1 − ${(1 - cosine).toExponential(1)}`;
}
