import type { Between, Spectrum } from '../contract.ts';
import { formatCount, formatShare, formatStatistic } from '../format/numbers.ts';
import { formatError } from './spectrum-scale.ts';

type Term = readonly [term: string, value: string, meaning: string];

/** What the singular values say of the matrix, each with what it means. */
export function SpectrumFigures({ spectrum }: { readonly spectrum: Spectrum }) {
  return (
    <dl className="statistics" aria-label="Figures of the spectrum">
      {termsOf(spectrum).map(([term, value, meaning]) => (
        <div key={term} title={meaning}>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function termsOf(spectrum: Spectrum): readonly Term[] {
  const { rows, columns, values, errors } = spectrum;
  const exact = spectrum.method === 'exact';
  const order = Math.min(rows, columns);
  const worst = errors.reduce((most, error) => Math.max(most, error), 0);
  return [
    [
      'Method',
      exact ? 'Exact' : 'Randomized',
      exact
        ? 'All singular values, in float64'
        : 'The largest singular values, from a random start; none is above the true one',
    ],
    ['Values', `${formatCount(values.length)} of ${formatCount(order)}`, 'How many singular values were computed'],
    ['Error at most', formatError(worst), 'Each value has a singular value of the matrix within this distance'],
    ['Frobenius norm', formatStatistic(spectrum.frobenius), 'The root of the sum of all squared singular values'],
    [
      'Energy captured',
      spectrum.captured === null ? formatStatistic(null) : formatShare(spectrum.captured, 1),
      'The share of the squared norm that the values computed have',
    ],
    [
      'Effective rank',
      formatBetween(spectrum.effectiveRank),
      `The exponential of the entropy of the normalized values${exact ? '' : '; between what those not computed can make of it'}`,
    ],
    ['Stable rank', formatStatistic(spectrum.stableRank), 'The squared Frobenius norm over the largest value squared'],
    ['Rank at 90 % energy', formatStatistic(spectrum.rank90), 'The fewest values with 90 % of the squared norm'],
    ['Rank at 99 % energy', formatStatistic(spectrum.rank99), 'The fewest values with 99 % of the squared norm'],
    ...(exact ? exactTerms(spectrum) : []),
  ];
}

function exactTerms({ numericalRank, condition }: Spectrum): readonly Term[] {
  return [
    ['Numerical rank', formatStatistic(numericalRank), "Values above rounding, as NumPy's matrix_rank counts them"],
    [
      'Condition',
      formatStatistic(condition),
      condition === null ? 'The smallest value is no more than rounding' : 'The largest value over the smallest',
    ],
  ];
}

function formatBetween(between: Between | null): string {
  if (between === null) return formatStatistic(null);
  const [low, high] = [between.low, between.high].map((rank) => formatStatistic(Number(rank.toPrecision(4))));
  return low === high ? `${low}` : `${low} to ${high}`;
}
