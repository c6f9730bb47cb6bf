/**
 * Sums over values that occur so and so often, of which statistics by counting are made: `n` float64 values and as
 * many float64 counts, none of them 0.
 */
import { addCompensated, bump } from './moment-record';

/** Fields of the result, all float64; the two sums are compensated and take two. */
const FINITE: usize = 0;
const MIN: usize = 8;
const MAX: usize = 16;
const ZEROS: usize = 24;
const NANS: usize = 32;
const INFS: usize = 40;
const NEGATIVES: usize = 48;
const SUM: usize = 56;
const L1: usize = 72;
/** How many of NaN, Infinity and -Infinity are among the values. */
const OTHERS: usize = 88;
const FIELDS_END: usize = 96;

/** How often finite values, zeros, … occur, the extremes, Σ x and Σ |x| of the finite values. */
export function tally(values: usize, counts: usize, n: usize, out: usize): void {
  memory.fill(out, 0, FIELDS_END);
  let low = Infinity;
  let high = -Infinity;
  let others: u32 = 0;
  for (let i: usize = 0; i < n << 3; i += 8) {
    const x = load<f64>(values + i);
    const count = load<f64>(counts + i);
    if (x < 0) bump(out + NEGATIVES, count);
    if (abs(x) < Infinity) {
      bump(out + FINITE, count);
      if (x == 0) bump(out + ZEROS, count);
      low = min(low, x);
      high = max(high, x);
      addCompensated(out + SUM, x * count);
      addCompensated(out + L1, abs(x) * count);
    } else {
      bump(out + (x != x ? NANS : INFS), count);
      others |= x != x ? 1 : x > 0 ? 2 : 4;
    }
  }
  store<f64>(out, low, MIN);
  store<f64>(out, high, MAX);
  store<f64>(out, <f64>popcnt(others), OTHERS);
}

/** Σ count · (x − centre)² of the finite values. */
export function tallySpread(values: usize, counts: usize, n: usize, centre: f64, out: usize): f64 {
  memory.fill(out, 0, 16);
  for (let i: usize = 0; i < n << 3; i += 8) {
    const distance = load<f64>(values + i) - centre;
    if (abs(distance) < Infinity) addCompensated(out, load<f64>(counts + i) * distance * distance);
  }
  return load<f64>(out) + load<f64>(out, 8);
}

/** Adds the counts of finite values to the float64 bins whose int32 numbers are at `indices`. */
export function tallyBins(values: usize, counts: usize, n: usize, indices: usize, bins: usize): void {
  for (let i: usize = 0; i < n; i++) {
    if (!(abs(load<f64>(values + (i << 3))) < Infinity)) continue;
    bump(bins + ((<usize>load<i32>(indices + (i << 2))) << 3), load<f64>(counts + (i << 3)));
  }
}
