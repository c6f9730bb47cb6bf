import type { Figure } from '../contract.ts';
import { formatStatistic } from './numbers.ts';

/** A norm or a loss, which may be no number. */
export function formatFigure(figure: Figure): string {
  switch (figure) {
    case 'NaN':
      return 'NaN';
    case 'Infinity':
      return '∞';
    case '-Infinity':
      return '−∞';
    default:
      return formatStatistic(figure);
  }
}
