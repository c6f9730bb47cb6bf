/**
 * Count, sum, spread and extremes of a run of elements, in one record of float64 fields:
 * the finite count, the sum and its compensation, the sum of huge values (in units of 2^64) and its
 * compensation, the mean and the squared deviations of what was merged so far, min, max, the counts of
 * zeros, NaNs, infinities and negatives, and the sums of absolute values like those of the values. core/stats/moments.ts
 * reads and merges these records.
 *
 * Elements go in blocks of 4096. An ordinary block is summed with SIMD (moments-f32.ts, moments-f64.ts); one
 * with a NaN, an infinity or a value beyond 2^64 (of float64 lanes: 2^40) is done again, slowly and compensated (Neumaier), so
 * that ±1.8e308 among small numbers does not swallow them. Blocks merge by Chan's update.
 */
const COUNT: usize = 0;
const SUM: usize = 8;
const HUGE_SUM: usize = 24;
const MEAN: usize = 40;
const M2: usize = 48;
const MIN: usize = 56;
const MAX: usize = 64;
export const ZEROS: usize = 72;
export const NANS: usize = 80;
export const INFS: usize = 88;
/** Elements below zero, -Infinity included. */
export const NEGATIVES: usize = 96;
export const L1: usize = 104;
const HUGE_L1: usize = 120;
const RECORD_BYTES: usize = 136;

export const BLOCK: usize = 4096;
const HUGE: f64 = 9.745314011399999e288;
const HUGE_UNIT: f64 = 5.421010862427522e-20;
/** 2^64, the unit of huge values. */
const UNIT: f64 = 18446744073709551616.0;

export function momentsReset(record: usize): void {
  memory.fill(record, 0, RECORD_BYTES);
  store<f64>(record, Infinity, MIN);
  store<f64>(record, -Infinity, MAX);
}

export function bump(at: usize, by: f64): void {
  store<f64>(at, load<f64>(at) + by);
}

/** Neumaier's compensated addition to the pair (sum, compensation) at `at`. */
export function addCompensated(at: usize, x: f64): void {
  const sum = load<f64>(at);
  const total = sum + x;
  bump(at + 8, abs(sum) >= abs(x) ? sum - total + x : x - total + sum);
  store<f64>(at, total);
}

function merge(record: usize, count: f64, mean: f64, m2: f64): void {
  const before = load<f64>(record, COUNT);
  const total = before + count;
  const delta = mean - load<f64>(record, MEAN);
  store<f64>(record, total, COUNT);
  store<f64>(record, before == 0 ? mean : load<f64>(record, MEAN) + delta * (count / total), MEAN);
  store<f64>(record, load<f64>(record, M2) + m2 + (before == 0 ? 0 : delta * delta * ((before * count) / total)), M2);
}

function widen(record: usize, low: f64, high: f64): void {
  if (low < load<f64>(record, MIN)) store<f64>(record, low, MIN);
  if (high > load<f64>(record, MAX)) store<f64>(record, high, MAX);
}

function squaredDeviations(src: usize, n: usize, mean: f64): f64 {
  let total: f64 = 0;
  for (let i: usize = 0; i < n; i++) {
    const x = load<f64>(src + (i << 3));
    if (!(abs(x) < Infinity)) continue;
    const d = x - mean;
    total += d * d;
  }
  return total;
}

/** Any float64 values; zeros and negatives are not counted. */
export function carefulBlock(src: usize, n: usize, record: usize): void {
  let count: f64 = 0;
  let sum: f64 = 0;
  let huge: f64 = 0;
  let low: f64 = Infinity;
  let high: f64 = -Infinity;
  for (let i: usize = 0; i < n; i++) {
    const x = load<f64>(src + (i << 3));
    if (!(abs(x) < Infinity)) {
      bump(record + (x != x ? NANS : INFS), 1);
      continue;
    }
    count += 1;
    if (x < low) low = x;
    if (x > high) high = x;
    if (abs(x) < HUGE) {
      sum += x;
      addCompensated(record + SUM, x);
      addCompensated(record + L1, abs(x));
    } else {
      huge += x * HUGE_UNIT;
      addCompensated(record + HUGE_SUM, x * HUGE_UNIT);
      addCompensated(record + HUGE_L1, abs(x) * HUGE_UNIT);
    }
  }
  if (count == 0) return;
  widen(record, low, high);
  const mean = sum / count + (huge / count) * UNIT;
  merge(record, count, mean, squaredDeviations(src, n, mean));
}

export function sum2(v: v128): f64 {
  return f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1);
}

/** Takes the sums of values less `shift` into the record. */
export function accept(record: usize, n: usize, shift: f64, sum: f64, squares: f64, low: f64, high: f64): void {
  const count = <f64>n;
  widen(record, low, high);
  addCompensated(record + SUM, shift * count);
  addCompensated(record + SUM, sum);
  merge(record, count, shift + sum / count, max(squares - (sum * sum) / count, 0));
}
