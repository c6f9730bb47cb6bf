/**
 * Counting float32 values into up to 64 equal bins, two values at a time: their bins (6 bits each) make one
 * index into a table of 4096 counts, which halves the slow part, the counting itself. The bins are those of
 * bins.ts, exactly: a float32 product estimates, and whatever lies so near an edge that the estimate could
 * be wrong is settled by the edges in float64.
 */
import { toI32 } from './saturate';

const PAIR_ENTRIES: usize = 4096;
const BIN_BITS: i32 = 6;

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

function uncertain(value: v128, index: v128, near: v128, far: v128): v128 {
  const rest = f32x4.sub(value, f32x4.convert_i32x4_s(index));
  // Not a number compares false, and is uncertain too.
  return v128.not(v128.and(f32x4.ge(rest, near), f32x4.le(rest, far)));
}

function countPair(pairs: usize, index: u64): void {
  const at = pairs + ((<usize>(index & 0xfff)) << 2);
  store<u32>(at, load<u32>(at) + 1);
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
  const near = f32x4.splat(margin);
  const far = f32x4.splat(<f32>1 - margin);
  const tail = src + ((n & ~15) << 2);
  for (let p = src; p < tail; p += 64) {
    const a = scaled(p, L, P);
    const b = scaled(p + 16, L, P);
    const c = scaled(p + 32, L, P);
    const d = scaled(p + 48, L, P);
    const i = i32x4.trunc_sat_f32x4_s(a);
    const j = i32x4.trunc_sat_f32x4_s(b);
    const k = i32x4.trunc_sat_f32x4_s(c);
    const l = i32x4.trunc_sat_f32x4_s(d);
    const doubt = v128.or(
      v128.or(uncertain(a, i, near, far), uncertain(b, j, near, far)),
      v128.or(uncertain(c, k, near, far), uncertain(d, l, near, far)),
    );
    if (v128.any_true(doubt)) {
      carefully(p, 16, edges, single, bins, low, perUnit);
      continue;
    }
    // Bins of eight values in 16 bits each, shifted so that a pair shares 12 of 32.
    const u = i16x8.narrow_i32x4_u(i, j);
    const v = i16x8.narrow_i32x4_u(k, l);
    const x = v128.or(u, i32x4.shr_u(u, 16 - BIN_BITS));
    const y = v128.or(v, i32x4.shr_u(v, 16 - BIN_BITS));
    const q = i64x2.extract_lane(x, 0);
    const r = i64x2.extract_lane(x, 1);
    const s = i64x2.extract_lane(y, 0);
    const t = i64x2.extract_lane(y, 1);
    countPair(pairs, q);
    countPair(pairs, q >> 32);
    countPair(pairs, r);
    countPair(pairs, r >> 32);
    countPair(pairs, s);
    countPair(pairs, s >> 32);
    countPair(pairs, t);
    countPair(pairs, t >> 32);
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
