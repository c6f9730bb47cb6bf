import { edgeTicks } from '../chart/ticks.ts';
import type { Spectrum } from '../contract.ts';
import { formatStatistic } from '../format/numbers.ts';

/** Values below this share of the largest are rounding: the axis ends there. */
const LEAST_SHARE = 1e-17;
/** What the sum of all shares may lack to 1. */
const ROUNDING = 1e-12;

/** The share of the squared norm that the values up to each one have. */
export function cumulativeEnergy({ values, frobenius }: Spectrum): number[] {
  let seen = 0;
  return values.map((value) => {
    // Divided first: squares could overflow.
    seen += frobenius > 0 ? (value / frobenius) ** 2 : 0;
    return seen > 1 - ROUNDING ? 1 : seen;
  });
}

/** The ends of the axis of values, the lower one above 0; null where no value is. */
export function rangeOf({ values }: Spectrum): readonly [low: number, high: number] | null {
  const high = values[0] ?? 0;
  if (!(high > 0)) return null;
  const low = values.findLast((value) => value > high * LEAST_SHARE) ?? high;
  return low < high ? [low, high] : [high / 2, high * 2];
}

/** 0 at the lower end of the axis of logarithms, 1 at the upper one. */
export function heightOf(value: number, [low, high]: readonly [number, number]): number {
  return value <= low ? 0 : Math.min(1, Math.log(value / low) / Math.log(high / low));
}

const WANTED_TICKS = 5;

/** Powers of ten; where the range spans few of them, twice and five times these too. */
export function valueTicks([low, high]: readonly [number, number]): number[] {
  const powers = edgeTicks([low, high], WANTED_TICKS);
  if (high / low >= 1000) return powers;
  const lowest = Math.floor(Math.log10(low));
  const decades = Array.from({ length: Math.ceil(Math.log10(high)) - lowest + 1 }, (_, k) => lowest + k);
  const steps = decades.flatMap((power) => [1, 2, 5].map((step) => Number(`${step}e${power}`)));
  const within = steps.filter((tick) => tick >= low && tick <= high);
  return within.length > 1 ? within : powers;
}

/** More than two digits of an error say nothing. */
export function formatError(error: number): string {
  return formatStatistic(Number(error.toPrecision(2)));
}
