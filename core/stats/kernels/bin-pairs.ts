/**
 * Counting float32 values into up to 64 equal bins, two values at a time: their bins (6 bits each) make one
 * index into a table of 4096 counts, which halves the slow part, the counting itself. The bins are those of
 * bins.ts, exactly: a float32 product estimates, and whatever lies so near an edge that the estimate could
 * be wrong is settled by the edges in float64.
 */
import { toI32 } from './saturate';

const PAIR_ENTRIES: usize = 4096;
const BIN_BITS: i32 = 6;
/** 2^23: whole numbers added to it are the last bits of the sum. */
const INTEGERS: f32 = 8388608;

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

function scaled(p: usize, low: v128, perUnit: v128): v128 {
  return f32x4.mul(f32x4.sub(v128.load(p), low), perUnit);
}

/** Whether values are far enough from the edges, `floor` being the number of the one below. Not a number compares false. */
function certain(value: v128, floor: v128, half: v128, sure: v128): v128 {
  return f32x4.le(f32x4.abs(f32x4.sub(f32x4.sub(value, floor), half)), sure);
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
  // Three roundings of 2^-24 on a value up to `bins`, and as much again.
  const margin = <f32>bins * reinterpret<f32>(0x34c00000);
  const half = f32x4.splat(0.5);
  const sure = f32x4.splat(<f32>0.5 - margin);
  const B = f32x4.splat(<f32>(1 << BIN_BITS));
  const M = f32x4.splat(INTEGERS);
  const tail = src + ((n & ~15) << 2);
  for (let p = src; p < tail; p += 64) {
    const a = scaled(p, L, P);
    const b = scaled(p + 16, L, P);
    const c = scaled(p + 32, L, P);
    const d = scaled(p + 48, L, P);
    const i = f32x4.floor(a);
    const j = f32x4.floor(b);
    const k = f32x4.floor(c);
    const l = f32x4.floor(d);
    const sureOfTwo = v128.and(certain(a, i, half, sure), certain(b, j, half, sure));
    if (!i32x4.all_true(v128.and(sureOfTwo, v128.and(certain(c, k, half, sure), certain(d, l, half, sure))))) {
      carefully(p, 16, edges, single, bins, low, perUnit);
      continue;
    }
    const u = f32x4.add(f32x4.add(i, f32x4.mul(j, B)), M);
    const v = f32x4.add(f32x4.add(k, f32x4.mul(l, B)), M);
    // The last bits of these are the indices of pairs; times four, two of them go into 32 bits.
    const both = v128.or(v128.and(i32x4.shl(u, 2), i32x4.splat(0xffff)), i32x4.shl(v, 18));
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
    const first = single + ((index & 63) << 2);
    store<u32>(first, load<u32>(first) + count);
    const second = single + ((index >> BIN_BITS) << 2);
    store<u32>(second, load<u32>(second) + count);
  }
}
