/**
 * Count, sum, spread and extremes of a run of elements, in one record of float64 fields:
 * the finite count, the sum and its compensation, the sum of huge values (in units of 2^64) and its
 * compensation, the mean and the squared deviations of what was merged so far, min, max, the counts of
 * zeros, NaNs, infinities and negatives, and the sums of absolute values like those of the values. core/stats/moments.ts reads and merges these records.
 *
 * Elements go in blocks of 4096. An ordinary block is summed with SIMD around its first value; one
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
const ZEROS: usize = 72;
const NANS: usize = 80;
const INFS: usize = 88;
/** Elements below zero, -Infinity included. */
const NEGATIVES: usize = 96;
const L1: usize = 104;
const HUGE_L1: usize = 120;
const RECORD_BYTES: usize = 136;

const BLOCK: usize = 4096;
const ORDINARY: f64 = 18446744073709551616.0;
/** 2^40: a block of whole numbers below it has an exact sum. Beyond, 64-bit integers may cancel to small ones. */
const ORDINARY_F64: f64 = 1099511627776.0;
const HUGE: f64 = 9.745314011399999e288;
const HUGE_UNIT: f64 = 5.421010862427522e-20;

export function momentsReset(record: usize): void {
  memory.fill(record, 0, RECORD_BYTES);
  store<f64>(record, Infinity, MIN);
  store<f64>(record, -Infinity, MAX);
}

function bump(at: usize, by: f64): void {
  store<f64>(at, load<f64>(at) + by);
}

/** Neumaier's compensated addition to the pair (sum, compensation) at `at`. */
function addCompensated(at: usize, x: f64): void {
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

function carefulBlock(src: usize, n: usize, record: usize): void {
  let count: f64 = 0;
  let sum: f64 = 0;
  let huge: f64 = 0;
  let low: f64 = Infinity;
  let high: f64 = -Infinity;
  for (let i: usize = 0; i < n; i++) {
    const x = load<f64>(src + (i << 3));
    if (x < 0) bump(record + NEGATIVES, 1);
    if (!(abs(x) < Infinity)) {
      bump(record + (x != x ? NANS : INFS), 1);
      continue;
    }
    count += 1;
    if (x == 0) bump(record + ZEROS, 1);
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
  const mean = sum / count + (huge / count) * ORDINARY;
  merge(record, count, mean, squaredDeviations(src, n, mean));
}

function sum2(v: v128): f64 {
  return f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1);
}

/** Takes the sums around `shift` into the record unless the block needs care. */
function accept(record: usize, n: usize, shift: f64, sum: f64, squares: f64, low: f64, high: f64, limit: f64): bool {
  if (!(squares < Infinity && high < limit && low > -limit)) return false;
  const count = <f64>n;
  widen(record, low, high);
  addCompensated(record + SUM, shift * count);
  addCompensated(record + SUM, sum);
  merge(record, count, shift + sum / count, max(squares - (sum * sum) / count, 0));
  return true;
}

/** `n` is a multiple of 8. */
function plainBlockF32(src: usize, n: usize, record: usize): bool {
  const shift = <f64>load<f32>(src);
  if (!(abs(shift) < ORDINARY)) return false;
  const K = f64x2.splat(shift);
  const zero = f32x4.splat(0);
  let s0 = f64x2.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let q0 = s0;
  let q1 = s0;
  let q2 = s0;
  let q3 = s0;
  let a0 = s0;
  let a1 = s0;
  let low = f32x4.splat(f32.POSITIVE_INFINITY);
  let high = f32x4.splat(f32.NEGATIVE_INFINITY);
  let zeros = i32x4.splat(0);
  let negatives = zeros;
  const end = src + (n << 2);
  for (let p = src; p < end; p += 32) {
    const a = v128.load(p);
    const b = v128.load(p, 16);
    low = f32x4.pmin(low, f32x4.pmin(a, b));
    high = f32x4.pmax(high, f32x4.pmax(a, b));
    zeros = i32x4.sub(zeros, i32x4.add(f32x4.eq(a, zero), f32x4.eq(b, zero)));
    negatives = i32x4.sub(negatives, i32x4.add(f32x4.lt(a, zero), f32x4.lt(b, zero)));
    const x0 = f64x2.promote_low_f32x4(a);
    const x1 = f64x2.promote_low_f32x4(i64x2.shuffle(a, a, 1, 1));
    const x2 = f64x2.promote_low_f32x4(b);
    const x3 = f64x2.promote_low_f32x4(i64x2.shuffle(b, b, 1, 1));
    a0 = f64x2.add(a0, f64x2.add(f64x2.abs(x0), f64x2.abs(x1)));
    a1 = f64x2.add(a1, f64x2.add(f64x2.abs(x2), f64x2.abs(x3)));
    const d0 = f64x2.sub(x0, K);
    const d1 = f64x2.sub(x1, K);
    const d2 = f64x2.sub(x2, K);
    const d3 = f64x2.sub(x3, K);
    s0 = f64x2.add(s0, d0);
    s1 = f64x2.add(s1, d1);
    s2 = f64x2.add(s2, d2);
    s3 = f64x2.add(s3, d3);
    q0 = f64x2.add(q0, f64x2.mul(d0, d0));
    q1 = f64x2.add(q1, f64x2.mul(d1, d1));
    q2 = f64x2.add(q2, f64x2.mul(d2, d2));
    q3 = f64x2.add(q3, f64x2.mul(d3, d3));
  }
  const sum = sum2(f64x2.add(f64x2.add(s0, s1), f64x2.add(s2, s3)));
  const squares = sum2(f64x2.add(f64x2.add(q0, q1), f64x2.add(q2, q3)));
  const low2 = f32x4.pmin(low, i64x2.shuffle(low, low, 1, 1));
  const high2 = f32x4.pmax(high, i64x2.shuffle(high, high, 1, 1));
  const least = <f64>min(f32x4.extract_lane(low2, 0), f32x4.extract_lane(low2, 1));
  const most = <f64>max(f32x4.extract_lane(high2, 0), f32x4.extract_lane(high2, 1));
  if (!accept(record, n, shift, sum, squares, least, most, ORDINARY)) return false;
  const halves = i32x4.add(zeros, i64x2.shuffle(zeros, zeros, 1, 1));
  bump(record + ZEROS, <f64>(i32x4.extract_lane(halves, 0) + i32x4.extract_lane(halves, 1)));
  const below = i32x4.add(negatives, i64x2.shuffle(negatives, negatives, 1, 1));
  bump(record + NEGATIVES, <f64>(i32x4.extract_lane(below, 0) + i32x4.extract_lane(below, 1)));
  addCompensated(record + L1, sum2(f64x2.add(a0, a1)));
  return true;
}

/** `n` is a multiple of 4. */
function plainBlockF64(src: usize, n: usize, record: usize): bool {
  const shift = load<f64>(src);
  if (!(abs(shift) < ORDINARY_F64)) return false;
  const K = f64x2.splat(shift);
  const zero = f64x2.splat(0);
  let s0 = f64x2.splat(0);
  let s1 = s0;
  let q0 = s0;
  let q1 = s0;
  let a0 = s0;
  let low = f64x2.splat(Infinity);
  let high = f64x2.splat(-Infinity);
  let zeros = i64x2.splat(0);
  let negatives = zeros;
  const end = src + (n << 3);
  for (let p = src; p < end; p += 32) {
    const a = v128.load(p);
    const b = v128.load(p, 16);
    low = f64x2.pmin(low, f64x2.pmin(a, b));
    high = f64x2.pmax(high, f64x2.pmax(a, b));
    zeros = i64x2.sub(zeros, i64x2.add(f64x2.eq(a, zero), f64x2.eq(b, zero)));
    negatives = i64x2.sub(negatives, i64x2.add(f64x2.lt(a, zero), f64x2.lt(b, zero)));
    a0 = f64x2.add(a0, f64x2.add(f64x2.abs(a), f64x2.abs(b)));
    const d0 = f64x2.sub(a, K);
    const d1 = f64x2.sub(b, K);
    s0 = f64x2.add(s0, d0);
    s1 = f64x2.add(s1, d1);
    q0 = f64x2.add(q0, f64x2.mul(d0, d0));
    q1 = f64x2.add(q1, f64x2.mul(d1, d1));
  }
  const least = min(f64x2.extract_lane(low, 0), f64x2.extract_lane(low, 1));
  const most = max(f64x2.extract_lane(high, 0), f64x2.extract_lane(high, 1));
  if (!accept(record, n, shift, sum2(f64x2.add(s0, s1)), sum2(f64x2.add(q0, q1)), least, most, ORDINARY_F64)) {
    return false;
  }
  bump(record + ZEROS, <f64>(i64x2.extract_lane(zeros, 0) + i64x2.extract_lane(zeros, 1)));
  bump(record + NEGATIVES, <f64>(i64x2.extract_lane(negatives, 0) + i64x2.extract_lane(negatives, 1)));
  addCompensated(record + L1, sum2(a0));
  return true;
}

export function momentsF64(src: usize, n: usize, record: usize): void {
  let i: usize = 0;
  while (i < n) {
    const left = min<usize>(n - i, BLOCK);
    const even = left & ~3;
    const at = src + (i << 3);
    if (even == 0 || !plainBlockF64(at, even, record)) {
      carefulBlock(at, left, record);
    } else if (even < left) {
      carefulBlock(at + (even << 3), left - even, record);
    }
    i += left;
  }
}

/** `scratch`: room for one block of float64 values. */
export function momentsF32(src: usize, n: usize, record: usize, scratch: usize): void {
  let i: usize = 0;
  while (i < n) {
    const left = min<usize>(n - i, BLOCK);
    const even = left & ~7;
    const done: usize = even != 0 && plainBlockF32(src + (i << 2), even, record) ? even : 0;
    for (let k = done; k < left; k++) store<f64>(scratch + ((k - done) << 3), <f64>load<f32>(src + ((i + k) << 2)));
    if (done < left) carefulBlock(scratch, left - done, record);
    i += left;
  }
}

/** Zeros (both parts), NaNs and infinities (either part) of complex128 lanes. */
export function countComplex(src: usize, n: usize, record: usize): void {
  for (let i: usize = 0; i < n; i++) {
    const re = load<f64>(src + (i << 4));
    const im = load<f64>(src + (i << 4), 8);
    if (re == 0 && im == 0) bump(record + ZEROS, 1);
    if (re != re || im != im) bump(record + NANS, 1);
    if (abs(re) == Infinity || abs(im) == Infinity) bump(record + INFS, 1);
  }
}
