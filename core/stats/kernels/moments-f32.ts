/**
 * Moments of float32 values and the counts of their prefixes (counts.ts) in one loop: the arithmetic keeps the vector
 * units busy, the counting those of loads and stores, so that both take little longer than the slower one alone.
 *
 * Zeros and negatives follow from the prefixes. Only 0x0000 and 0x8000 leave open what is a zero: values among which
 * they do not occur, as most weights are, need no second look.
 */
import { countCode } from './counts';
import { accept, addCompensated, BLOCK, bump, carefulBlock, L1, NEGATIVES, sum2, ZEROS } from './moment-record';

const ORDINARY: f64 = 18446744073709551616.0;
/** Where the spread is a smaller part of the squares, these would cancel: they are taken anew around one of the values. */
const LEAST_SPREAD: f64 = 0.015625;

const OF_ZERO: usize = 0x0000;
const OF_NEGATIVE_ZERO: usize = 0x8000;
const OF_NEGATIVE_INFINITY: usize = 0xff80;

function countOf(table: usize, prefix: usize): u32 {
  return load<u32>(table + (prefix << 2));
}

function least(v: v128): f64 {
  const half = f32x4.pmin(v, i64x2.shuffle(v, v, 1, 1));
  return <f64>min(f32x4.extract_lane(half, 0), f32x4.extract_lane(half, 1));
}

function most(v: v128): f64 {
  const half = f32x4.pmax(v, i64x2.shuffle(v, v, 1, 1));
  return <f64>max(f32x4.extract_lane(half, 0), f32x4.extract_lane(half, 1));
}

/** False where the values are too large or not finite, whose squares then compare false. */
function ordinary(squares: f64, low: f64, high: f64): bool {
  return squares < Infinity && high < ORDINARY && low > -ORDINARY;
}

/** Counts the prefixes of `n` values, a multiple of 8; takes their sums into the record if these are trustworthy. */
function countedBlock(src: usize, n: usize, record: usize, table: usize): bool {
  let s0 = f64x2.splat(0);
  let s1 = s0;
  let q0 = s0;
  let q1 = s0;
  let a0 = s0;
  let a1 = s0;
  let lows = f32x4.splat(f32.POSITIVE_INFINITY);
  let highs = f32x4.splat(f32.NEGATIVE_INFINITY);
  const end = src + (n << 2);
  for (let p = src; p < end; p += 32) {
    const a = v128.load(p);
    const b = v128.load(p, 16);
    lows = f32x4.pmin(lows, f32x4.pmin(a, b));
    highs = f32x4.pmax(highs, f32x4.pmax(a, b));
    const x0 = f64x2.promote_low_f32x4(a);
    const x1 = f64x2.promote_low_f32x4(v128.load64_zero(p, 8));
    const x2 = f64x2.promote_low_f32x4(b);
    const x3 = f64x2.promote_low_f32x4(v128.load64_zero(p, 24));
    a0 = f64x2.add(a0, f64x2.add(f64x2.abs(x0), f64x2.abs(x1)));
    a1 = f64x2.add(a1, f64x2.add(f64x2.abs(x2), f64x2.abs(x3)));
    s0 = f64x2.add(s0, f64x2.add(x0, x1));
    s1 = f64x2.add(s1, f64x2.add(x2, x3));
    q0 = f64x2.add(q0, f64x2.add(f64x2.mul(x0, x0), f64x2.mul(x1, x1)));
    q1 = f64x2.add(q1, f64x2.add(f64x2.mul(x2, x2), f64x2.mul(x3, x3)));
    countCode(table, load<u16>(p, 2));
    countCode(table, load<u16>(p, 6));
    countCode(table, load<u16>(p, 10));
    countCode(table, load<u16>(p, 14));
    countCode(table, load<u16>(p, 18));
    countCode(table, load<u16>(p, 22));
    countCode(table, load<u16>(p, 26));
    countCode(table, load<u16>(p, 30));
  }
  const sum = sum2(f64x2.add(s0, s1));
  const squares = sum2(f64x2.add(q0, q1));
  if (!ordinary(squares, least(lows), most(highs))) return false;
  if (squares - (sum * sum) / <f64>n < squares * LEAST_SPREAD) return false;
  accept(record, n, 0, sum, squares, least(lows), most(highs));
  addCompensated(record + L1, sum2(f64x2.add(a0, a1)));
  return true;
}

/** As `countedBlock` without counting, around the first value. */
function shiftedBlock(src: usize, n: usize, record: usize): bool {
  const shift = <f64>load<f32>(src);
  if (!(abs(shift) < ORDINARY)) return false;
  const K = f64x2.splat(shift);
  let s0 = f64x2.splat(0);
  let s1 = s0;
  let q0 = s0;
  let q1 = s0;
  let a0 = s0;
  let lows = f32x4.splat(f32.POSITIVE_INFINITY);
  let highs = f32x4.splat(f32.NEGATIVE_INFINITY);
  const end = src + (n << 2);
  for (let p = src; p < end; p += 16) {
    const a = v128.load(p);
    lows = f32x4.pmin(lows, a);
    highs = f32x4.pmax(highs, a);
    const x0 = f64x2.promote_low_f32x4(a);
    const x1 = f64x2.promote_low_f32x4(v128.load64_zero(p, 8));
    a0 = f64x2.add(a0, f64x2.add(f64x2.abs(x0), f64x2.abs(x1)));
    const d0 = f64x2.sub(x0, K);
    const d1 = f64x2.sub(x1, K);
    s0 = f64x2.add(s0, d0);
    s1 = f64x2.add(s1, d1);
    q0 = f64x2.add(q0, f64x2.mul(d0, d0));
    q1 = f64x2.add(q1, f64x2.mul(d1, d1));
  }
  const squares = sum2(f64x2.add(q0, q1));
  if (!ordinary(squares, least(lows), most(highs))) return false;
  accept(record, n, shift, sum2(f64x2.add(s0, s1)), squares, least(lows), most(highs));
  addCompensated(record + L1, sum2(a0));
  return true;
}

/** Any values, one by one, by way of float64 in `scratch`; their prefixes were counted. */
function carefully(src: usize, n: usize, record: usize, scratch: usize): void {
  for (let i: usize = 0; i < n; i++) {
    const x = <f64>load<f32>(src + (i << 2));
    store<f64>(scratch + (i << 3), x);
    if (x == -Infinity) bump(record + NEGATIVES, 1);
  }
  carefulBlock(scratch, n, record);
}

/** Of values with one of the two prefixes that zeros have: how many are zeros, and which of these are no negatives. */
function countZeros(src: usize, n: usize, record: usize): void {
  let zeros: u32 = 0;
  let negative: u32 = 0;
  for (let i: usize = 0; i < n; i++) {
    const bits = load<u32>(src + (i << 2));
    zeros += u32(bits << 1 == 0);
    negative += u32(bits == 0x80000000);
  }
  bump(record + ZEROS, <f64>zeros);
  bump(record + NEGATIVES, -(<f64>negative));
}

/** `table`: 65,536 counts of prefixes; `scratch`: room for one block of float64 values. `negativesF32` ends the record. */
export function momentsF32(src: usize, n: usize, record: usize, table: usize, scratch: usize): void {
  const nearZero = countOf(table, OF_ZERO) + countOf(table, OF_NEGATIVE_ZERO);
  for (let i: usize = 0; i < n; i += BLOCK) {
    const left = min<usize>(n - i, BLOCK);
    const even = left & ~7;
    const at = src + (i << 2);
    const plain = even > 0 && (countedBlock(at, even, record, table) || shiftedBlock(at, even, record));
    for (let k = even; k < left; k++) countCode(table, load<u16>(at + (k << 2), 2));
    const done: usize = plain ? even : 0;
    if (done < left) carefully(at + (done << 2), left - done, record, scratch);
  }
  if (countOf(table, OF_ZERO) + countOf(table, OF_NEGATIVE_ZERO) != nearZero) countZeros(src, n, record);
}

/** Adds the values below zero that `table` counted, but for zeros, which `momentsF32` took off before, and infinities, which it added. */
export function negativesF32(record: usize, table: usize): void {
  let count: f64 = 0;
  for (let prefix = OF_NEGATIVE_ZERO; prefix < OF_NEGATIVE_INFINITY; prefix++) count += <f64>countOf(table, prefix);
  bump(record + NEGATIVES, count);
}
