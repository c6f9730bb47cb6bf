import type { Between, Spectrum } from './spectrum.ts';

const FLOAT64_EPSILON = 2 ** -52;
/** What rounding leaves of `Σσ²` where nothing is left. */
const LOST_IN_SUM = 1e-13;

/** Singular values as they were found, descending and in the scale of the computation. */
export interface FoundValues {
  readonly method: Spectrum['method'];
  readonly values: readonly number[];
  readonly errors: readonly number[];
  /** Σσ² of all values, those included that are not in `values`. */
  readonly energy: number;
}

export interface SpectrumScale {
  readonly rows: number;
  readonly columns: number;
  /** Values are multiples of `2^exponent`. */
  readonly exponent: number;
  /** How many values are handed out. */
  readonly count: number;
}

/** What rounding leaves open of exact values, and what NumPy's matrix_rank counts as zero. */
export function roundingOf(rows: number, columns: number, largest: number): number {
  return Math.max(rows, columns) * FLOAT64_EPSILON * largest;
}

export function describeSpectrum(found: FoundValues, { rows, columns, exponent, count }: SpectrumScale): Spectrum {
  const { method, energy } = found;
  const scale = (value: number): number => value * 2 ** exponent;
  const values = found.values.slice(0, count);
  const [largest = 0] = values;
  const none = largest === 0;
  const exact = method === 'exact';
  return {
    rows,
    columns,
    method,
    values: values.map(scale),
    errors: found.errors.slice(0, count).map(scale),
    frobenius: scale(Math.sqrt(energy)),
    captured: none ? null : Math.min(1, sum(values.map(square)) / energy),
    stableRank: none ? null : energy / square(largest),
    effectiveRank: none ? null : effectiveRank(exact ? found.values : values, energy, Math.min(rows, columns)),
    rank90: none ? null : rankOf(found, 0.9),
    rank99: none ? null : rankOf(found, 0.99),
    numericalRank: exact ? found.values.filter((value) => value > roundingOf(rows, columns, largest)).length : null,
    condition: none || !exact ? null : conditionOf(found.values, roundingOf(rows, columns, largest)),
  };
}

function square(value: number): number {
  return value * value;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function conditionOf(values: readonly number[], rounding: number): number | null {
  const [largest = 0] = values;
  const smallest = values.at(-1) ?? 0;
  return smallest > rounding ? largest / smallest : null;
}

/** Null where all that was found has less. */
function rankOf({ values, energy }: FoundValues, share: number): number | null {
  let seen = 0;
  for (const [index, value] of values.entries()) {
    seen += square(value);
    if (seen >= share * energy) return index + 1;
  }
  return null;
}

/**
 * exp(H) of the normalized values. Of those that are not known, their number and the sum of their squares are: the
 * entropy is least where as few as can be have it all, none above the last known one, and most where all have the same.
 */
function effectiveRank(values: readonly number[], energy: number, order: number): Between {
  const tail = Math.max(0, energy - sum(values.map(square)));
  const left = order - values.length;
  const last = values.at(-1) ?? 0;
  if (left === 0 || tail <= LOST_IN_SUM * energy) {
    const rank = rankWith(values, { count: 0, value: 0 });
    return { low: rank, high: rank };
  }
  const fewest = last > 0 ? Math.min(left, tail / square(last)) : left;
  return {
    low: rankWith(values, { count: fewest, value: Math.sqrt(tail / fewest) }),
    high: rankWith(values, { count: left, value: Math.sqrt(tail / left) }),
  };
}

function rankWith(values: readonly number[], more: { readonly count: number; readonly value: number }): number {
  const total = sum(values) + more.count * more.value;
  const part = (value: number): number => (value > 0 ? -(value / total) * Math.log(value / total) : 0);
  return Math.exp(sum(values.map(part)) + more.count * part(more.value));
}
