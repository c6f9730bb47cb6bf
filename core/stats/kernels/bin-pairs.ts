/**
 * Counting float32 values into up to 64 equal bins, two values at a time: their bins (6 bits each) make one
 * index into a table of 4096 counts, which halves the slow part, the counting itself. The bins are those of
 * bins.ts, exactly: a float32 product estimates, and whatever lies so near an edge that the estimate could
 * be wrong is settled by the edges in float64.
 */
import { toI32 } from './saturate';

const PAIR_ENTRIES: usize = 4096;
/**
 * What is added to a number of bins keeps 12 bits of its fraction, and one more in the last of them: where the other
 * eleven are zero, the number was within 2^-12 of a whole one, and rounding (2^-13, and 64 · 3 · 2^-24 before) may have
 * led across an edge.
 */
const UNIT: f32 = 2048.000244140625;
const FRACTION: i32 = 0xffe;
/** No number up to 64 has bits as great as these; NaN has greater ones. */
const TOO_GREAT: i32 = 0x45040002;
/** Offsets into the table of pairs: 6 bits of either number, times four bytes. */
const FIRST_BIN: i32 = 0xfc;
const SECOND_BIN: i32 = 0x3f00;
const BIN_BITS: usize = 6;
const LAST_BIN: usize = 63;

/** Values next to an edge, and those that are not finite: `single` is a table of one count per bin. */
function carefully(p: usize, n: usize, edges: usize, single: usize, bins: i32, low: f64, perUnit: f64): void {
  for (let i: usize = 0; i < n; i++) {
    const x = <f64>load<f32>(p + (i << 2));
    if (!(abs(x) < Infinity)) continue;
    const estimate = min<i32>(max<i32>(toI32((x - low) * perUnit), 0), bins - 1);
    const edge = edges + ((<usize>estimate) << 3);
    const index = estimate + <i32>(x >= load<f64>(edge, 8)) - <i32>(x < load<f64>(edge));
    const at = single + ((<usize>index) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
}

/** Four values as fixed-point numbers of bins, in the last bits of float32 numbers that begin with `UNIT`. */
function fixed(p: usize, low: v128, perUnit: v128, unit: v128): v128 {
  return f32x4.add(f32x4.mul(f32x4.sub(v128.load(p), low), perUnit), unit);
}

/** Counts at two of the table's offsets, of 16 bits each. */
function countBoth(pairs: usize, offsets: u32): void {
  const low = pairs + <usize>(offsets & 0xffff);
  store<u32>(low, load<u32>(low) + 1);
  const high = pairs + <usize>(offsets >> 16);
  store<u32>(high, load<u32>(high) + 1);
}

/**
 * `low` is itself a float32, `edges` end with +Infinity, and `bins` is at most 64. `pairs` and `single` are
 * tables of 4096 and `bins` uint32, zero before the first call; `foldPairs` adds them up after the last.
 */
export function binPairsF32(
  src: usize,
  n: usize,
  edges: usize,
  pairs: usize,
  single: usize,
  bins: i32,
  low: f64,
  perUnit: f64,
): void {
  const L = f32x4.splat(<f32>low);
  const P = f32x4.splat(<f32>perUnit);
  const U = f32x4.splat(UNIT);
  const fraction = i32x4.splat(FRACTION);
  const first = i32x4.splat(FIRST_BIN);
  const second = i32x4.splat(SECOND_BIN);
  const tail = src + ((n & ~15) << 2);
  for (let p = src; p < tail; p += 64) {
    const a = fixed(p, L, P, U);
    const b = fixed(p + 16, L, P, U);
    const c = fixed(p + 32, L, P, U);
    const d = fixed(p + 48, L, P, U);
    const ofTwo = i32x4.min_u(v128.and(a, fraction), v128.and(b, fraction));
    const least = i32x4.min_u(ofTwo, i32x4.min_u(v128.and(c, fraction), v128.and(d, fraction)));
    const most = i32x4.max_u(i32x4.max_u(a, b), i32x4.max_u(c, d));
    if (!i32x4.all_true(v128.and(least, i32x4.lt_u(most, i32x4.splat(TOO_GREAT))))) {
      carefully(p, 16, edges, single, bins, low, perUnit);
      continue;
    }
    const u = v128.or(v128.and(i32x4.shr_u(a, 10), first), v128.and(i32x4.shr_u(b, 4), second));
    const v = v128.or(v128.and(i32x4.shr_u(c, 10), first), v128.and(i32x4.shr_u(d, 4), second));
    const both = v128.or(u, i32x4.shl(v, 16));
    countBoth(pairs, i32x4.extract_lane(both, 0));
    countBoth(pairs, i32x4.extract_lane(both, 1));
    countBoth(pairs, i32x4.extract_lane(both, 2));
    countBoth(pairs, i32x4.extract_lane(both, 3));
  }
  carefully(tail, n & 15, edges, single, bins, low, perUnit);
}

/** Adds the pairs to `single`, which then has all counts. */
export function foldPairs(pairs: usize, single: usize): void {
  for (let index: usize = 0; index < PAIR_ENTRIES; index++) {
    const count = load<u32>(pairs + (index << 2));
    if (count == 0) continue;
    const first = single + ((index & LAST_BIN) << 2);
    store<u32>(first, load<u32>(first) + count);
    const second = single + ((index >> BIN_BITS) << 2);
    store<u32>(second, load<u32>(second) + count);
  }
}
