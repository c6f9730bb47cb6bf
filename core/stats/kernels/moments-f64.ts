/** Moments of float64 lanes, and counts of complex ones. */
import {
  accept,
  addCompensated,
  BLOCK,
  bump,
  carefulBlock,
  INFS,
  L1,
  NANS,
  NEGATIVES,
  sum2,
  ZEROS,
} from './moment-record';

/** 2^40: a block of whole numbers below it has an exact sum. Beyond, 64-bit integers may cancel to small ones. */
const ORDINARY: f64 = 1099511627776.0;

/** `n` is a multiple of 4. */
function plainBlockF64(src: usize, n: usize, record: usize): bool {
  const shift = load<f64>(src);
  if (!(abs(shift) < ORDINARY)) return false;
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
  const squares = sum2(f64x2.add(q0, q1));
  if (!(squares < Infinity && most < ORDINARY && least > -ORDINARY)) return false;
  accept(record, n, shift, sum2(f64x2.add(s0, s1)), squares, least, most);
  bump(record + ZEROS, <f64>(i64x2.extract_lane(zeros, 0) + i64x2.extract_lane(zeros, 1)));
  bump(record + NEGATIVES, <f64>(i64x2.extract_lane(negatives, 0) + i64x2.extract_lane(negatives, 1)));
  addCompensated(record + L1, sum2(a0));
  return true;
}

function careful(src: usize, n: usize, record: usize): void {
  carefulBlock(src, n, record);
  for (let i: usize = 0; i < n; i++) {
    const x = load<f64>(src + (i << 3));
    if (x == 0) bump(record + ZEROS, 1);
    else if (x < 0) bump(record + NEGATIVES, 1);
  }
}

export function momentsF64(src: usize, n: usize, record: usize): void {
  let i: usize = 0;
  while (i < n) {
    const left = min<usize>(n - i, BLOCK);
    const even = left & ~3;
    const at = src + (i << 3);
    if (even == 0 || !plainBlockF64(at, even, record)) {
      careful(at, left, record);
    } else if (even < left) {
      careful(at + (even << 3), left - even, record);
    }
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
