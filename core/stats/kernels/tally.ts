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

/** Appends the runs of equal values of one sign: their codes, and so they, come in ascending or in descending order. */
function runsOfSign(values: usize, counts: usize, n: usize, sign: f64, lows: usize, sums: usize, runs: usize): usize {
  let first = NaN;
  let last = NaN;
  for (let i: usize = 0; i < n; i++) {
    const x = load<f64>(values + (i << 3));
    if (!(x * sign > 0 && abs(x) < Infinity)) continue;
    if (first != first) first = x;
    last = x;
  }
  const descending = first > last;
  let found = runs;
  for (let k: usize = 0; k < n; k++) {
    const i = descending ? n - 1 - k : k;
    const x = load<f64>(values + (i << 3));
    if (!(x * sign > 0 && abs(x) < Infinity)) continue;
    if (found == runs || load<f64>(lows + ((found - 1) << 3)) != x) {
      store<f64>(lows + (found << 3), x);
      store<f64>(sums + (found << 3), 0);
      found++;
    }
    bump(sums + ((found - 1) << 3), load<f64>(counts + (i << 3)));
  }
  return found;
}

/**
 * The finite values of a dtype of at most 16 bits in ascending order, equal ones (and both zeros) as one, at `lows`,
 * and how often each occurs, at `sums`. Gives how many there are.
 */
export function tallyRuns(values: usize, counts: usize, n: usize, lows: usize, sums: usize): usize {
  let runs = runsOfSign(values, counts, n, -1, lows, sums, 0);
  let zeros: f64 = 0;
  for (let i: usize = 0; i < n; i++) {
    if (load<f64>(values + (i << 3)) == 0) zeros += load<f64>(counts + (i << 3));
  }
  if (zeros > 0) {
    store<f64>(lows + (runs << 3), 0);
    store<f64>(sums + (runs << 3), zeros);
    runs++;
  }
  return runsOfSign(values, counts, n, 1, lows, sums, runs);
}
