import { addChange, addNaN, addPair, addPlaces, addSums } from './compare-record';

/**
 * The distance between two runs of real or complex lanes, into the record of compare-record.ts. `base` is the
 * position of the first pair in its tensor.
 */
const BLOCK: usize = 4096;

function carefulBlock(a: usize, b: usize, n: usize, record: usize, base: f64): void {
  for (let i: usize = 0; i < n; i++) {
    const x = load<f64>(a + (i << 3));
    const y = load<f64>(b + (i << 3));
    const index = base + <f64>i;
    if (x != x || y != y) {
      addNaN(record, index, x != x, y != y);
      continue;
    }
    if (x != y) addChange(record, index);
    addPair(record, index, x == y ? 0 : abs(x - y), abs(x), x * x, y * y, x * y);
  }
}

function sum2(v: v128): f64 {
  return f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1);
}

/** `n` is even. False, and nothing recorded, where a value or a square is not finite. */
function plainBlock(a: usize, b: usize, n: usize, record: usize, base: f64): bool {
  let sum = f64x2.splat(0);
  let squares = sum;
  let aa = sum;
  let bb = sum;
  let ab = sum;
  let most = sum;
  let changed = i64x2.splat(0);
  for (let i: usize = 0; i < n; i += 2) {
    const x = v128.load(a + (i << 3));
    const y = v128.load(b + (i << 3));
    const d = f64x2.abs(f64x2.sub(x, y));
    sum = f64x2.add(sum, d);
    squares = f64x2.add(squares, f64x2.mul(d, d));
    aa = f64x2.add(aa, f64x2.mul(x, x));
    bb = f64x2.add(bb, f64x2.mul(y, y));
    ab = f64x2.add(ab, f64x2.mul(x, y));
    most = f64x2.pmax(most, d);
    changed = i64x2.sub(changed, f64x2.ne(x, y));
  }
  if (!(sum2(aa) + sum2(bb) + sum2(squares) < Infinity)) return false;
  addSums(record, n, sum2(sum), sum2(squares), sum2(aa), sum2(bb), sum2(ab));
  const top = max(f64x2.extract_lane(most, 0), f64x2.extract_lane(most, 1));
  const differ = <f64>(i64x2.extract_lane(changed, 0) + i64x2.extract_lane(changed, 1));
  addPlaces<f64>(record, a, b, n, base, differ, top);
  return true;
}

export function compareF64(a: usize, b: usize, n: usize, record: usize, base: f64): void {
  for (let i: usize = 0; i < n; i += BLOCK) {
    const left = min<usize>(n - i, BLOCK);
    const even = left & ~1;
    const x = a + (i << 3);
    const y = b + (i << 3);
    const at = base + <f64>i;
    const done: usize = even != 0 && plainBlock(x, y, even, record, at) ? even : 0;
    if (done < left) carefulBlock(x + (done << 3), y + (done << 3), left - done, record, at + <f64>done);
  }
}

/** Where one side's squares are this many times the other's, their product cannot be told from the sums of squares. */
const MOST_APART: f64 = 4096;

/** Σ x · y of float32 values; `n` is a multiple of 4. */
function productF32(a: usize, b: usize, n: usize): f64 {
  let total = f64x2.splat(0);
  for (let i: usize = 0; i < n << 2; i += 16) {
    const low = f64x2.mul(f64x2.promote_low_f32x4(v128.load(a + i)), f64x2.promote_low_f32x4(v128.load(b + i)));
    const x = f64x2.promote_low_f32x4(v128.load64_zero(a + i, 8));
    const y = f64x2.promote_low_f32x4(v128.load64_zero(b + i, 8));
    total = f64x2.add(total, f64x2.add(low, f64x2.mul(x, y)));
  }
  return sum2(total);
}

/** How many of finite values differ; `n` is a multiple of 4. */
function unequalF32(a: usize, b: usize, n: usize): f64 {
  let counts = i32x4.splat(0);
  let q = b;
  let p = a;
  for (const whole = a + ((n & ~15) << 2); p < whole; p += 64) {
    const first = i32x4.add(f32x4.ne(v128.load(p), v128.load(q)), f32x4.ne(v128.load(p, 16), v128.load(q, 16)));
    const second = i32x4.add(
      f32x4.ne(v128.load(p, 32), v128.load(q, 32)),
      f32x4.ne(v128.load(p, 48), v128.load(q, 48)),
    );
    counts = i32x4.sub(counts, i32x4.add(first, second));
    q += 64;
  }
  for (const end = a + (n << 2); p < end; p += 16) {
    counts = i32x4.sub(counts, f32x4.ne(v128.load(p), v128.load(q)));
    q += 16;
  }
  const halves = i32x4.add(counts, i64x2.shuffle(counts, counts, 1, 1));
  return <f64>(i32x4.extract_lane(halves, 0) + i32x4.extract_lane(halves, 1));
}

/**
 * `n` is a multiple of 4. As `plainBlock`, straight from float32. False, and nothing recorded, where a value is not
 * finite. Additions are what takes the time, and a sixth carried value would cost a third more for want of registers:
 * Σ x · y follows from (x − y)² = x² + y² − 2xy, with an error that is small beside ‖x‖ · ‖y‖ where these are of like
 * size, and unequal values are counted only where there are any.
 */
function plainBlockF32(a: usize, b: usize, n: usize, record: usize, base: f64): bool {
  let sums = f64x2.splat(0);
  let squares = sums;
  let ofA = sums;
  let ofB = sums;
  let most = sums;
  const end = a + (n << 2);
  let q = b;
  for (let p = a; p < end; p += 16) {
    const x0 = f64x2.promote_low_f32x4(v128.load64_zero(p));
    const y0 = f64x2.promote_low_f32x4(v128.load64_zero(q));
    const x1 = f64x2.promote_low_f32x4(v128.load64_zero(p, 8));
    const y1 = f64x2.promote_low_f32x4(v128.load64_zero(q, 8));
    q += 16;
    const d0 = f64x2.abs(f64x2.sub(x0, y0));
    const d1 = f64x2.abs(f64x2.sub(x1, y1));
    sums = f64x2.add(sums, f64x2.add(d0, d1));
    squares = f64x2.add(squares, f64x2.add(f64x2.mul(d0, d0), f64x2.mul(d1, d1)));
    ofA = f64x2.add(ofA, f64x2.add(f64x2.mul(x0, x0), f64x2.mul(x1, x1)));
    ofB = f64x2.add(ofB, f64x2.add(f64x2.mul(y0, y0), f64x2.mul(y1, y1)));
    most = f64x2.pmax(most, f64x2.pmax(d0, d1));
  }
  const aa = sum2(ofA);
  const bb = sum2(ofB);
  // No square of a float32 overflows: what is not finite here was not finite there.
  if (!(aa + bb < Infinity)) return false;
  const dd = sum2(squares);
  const alike = aa <= bb * MOST_APART && bb <= aa * MOST_APART;
  const ab = alike ? (aa + bb - dd) * 0.5 : productF32(a, b, n);
  addSums(record, n, sum2(sums), dd, aa, bb, ab);
  const top = max(f64x2.extract_lane(most, 0), f64x2.extract_lane(most, 1));
  // In float64 no difference of two float32 values is lost: one of 0 means that they are equal.
  if (top > 0) addPlaces<f32>(record, a, b, n, base, unequalF32(a, b, n), top);
  return true;
}

/** As `compareF64`, straight from float32. `scratch`: room for two blocks of float64 values. */
export function compareF32(a: usize, b: usize, n: usize, record: usize, base: f64, scratch: usize): void {
  for (let i: usize = 0; i < n; i += BLOCK) {
    const left = min<usize>(n - i, BLOCK);
    const even = left & ~3;
    const x = a + (i << 2);
    const y = b + (i << 2);
    const at = base + <f64>i;
    const done: usize = even != 0 && plainBlockF32(x, y, even, record, at) ? even : 0;
    if (done == left) continue;
    const other = scratch + (BLOCK << 3);
    for (let k = done; k < left; k++) {
      store<f64>(scratch + ((k - done) << 3), <f64>load<f32>(x + (k << 2)));
      store<f64>(other + ((k - done) << 3), <f64>load<f32>(y + (k << 2)));
    }
    carefulBlock(scratch, other, left - done, record, at + <f64>done);
  }
}

/** Whether two runs have the same bytes. */
export function sameBytes(a: usize, b: usize, nbytes: usize): bool {
  const even = nbytes & ~31;
  let differs = v128.xor(f64x2.splat(0), f64x2.splat(0));
  for (let i: usize = 0; i < even; i += 32) {
    const x = v128.xor(v128.load(a + i), v128.load(b + i));
    const y = v128.xor(v128.load(a + i, 16), v128.load(b + i, 16));
    differs = v128.or(differs, v128.or(x, y));
  }
  let tail: u32 = 0;
  for (let i = even; i < nbytes; i++) tail |= load<u8>(a + i) ^ load<u8>(b + i);
  return !v128.any_true(differs) && tail == 0;
}

export function compareC128(a: usize, b: usize, n: usize, record: usize, base: f64): void {
  for (let i: usize = 0; i < n; i++) {
    const re1 = load<f64>(a + (i << 4));
    const im1 = load<f64>(a + (i << 4), 8);
    const re2 = load<f64>(b + (i << 4));
    const im2 = load<f64>(b + (i << 4), 8);
    const index = base + <f64>i;
    const nan1 = re1 != re1 || im1 != im1;
    const nan2 = re2 != re2 || im2 != im2;
    if (nan1 || nan2) {
      addNaN(record, index, nan1, nan2);
      continue;
    }
    const dr = re1 == re2 ? 0 : re1 - re2;
    const di = im1 == im2 ? 0 : im1 - im2;
    if (dr != 0 || di != 0) addChange(record, index);
    const aa = re1 * re1 + im1 * im1;
    addPair(record, index, sqrt(dr * dr + di * di), sqrt(aa), aa, re2 * re2 + im2 * im2, re1 * re2 + im1 * im2);
  }
}
