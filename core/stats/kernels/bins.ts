/**
 * Counting into equal-width bins, with the result of numpy.histogram (numpy 2.4, lib/_histograms_impl.py):
 * an estimate of the bin, put right by the edges, where the last bin includes its upper edge. The
 * caller therefore gives +Infinity as the last edge.
 */
import { toI32 } from './saturate';

function put(counts: usize, index: i32): void {
  const at = counts + ((<usize>index) << 2);
  store<u32>(at, load<u32>(at) + 1);
}

/** The estimate may be off by one at an edge. */
function settle(x: f64, index: i32, edges: usize): i32 {
  const at = edges + ((<usize>index) << 3);
  return index + <i32>(x >= load<f64>(at, 8)) - <i32>(x < load<f64>(at));
}

/** NumPy's own estimate, which decides where edges coincide; `scale` is 0.5 where the range itself would overflow. */
function carefulIndex(x: f64, edges: usize, bins: i32, low: f64, width: f64, scale: f64): i32 {
  const estimate = max<i32>(min<i32>(toI32(((x * scale - low) / width) * <f64>bins), bins - 1), 0);
  const at = edges + ((<usize>estimate) << 3);
  // One after the other, as NumPy does: the second looks at the bin that the first chose.
  const index = estimate - <i32>(x < load<f64>(at));
  return index + <i32>(x >= load<f64>(edges + ((<usize>index) << 3), 8));
}

/** Any values; those that are not finite are skipped. */
export function binCarefully(
  src: usize,
  n: usize,
  edges: usize,
  counts: usize,
  bins: i32,
  low: f64,
  width: f64,
  scale: f64,
): void {
  for (let i: usize = 0; i < n; i++) {
    const x = load<f64>(src + (i << 3));
    if (abs(x) < Infinity) put(counts, carefulIndex(x, edges, bins, low, width, scale));
  }
}

/** The bin of each value, as int32; meaningless for values that are not finite or do not occur. */
export function binIndices(
  src: usize,
  n: usize,
  edges: usize,
  out: usize,
  bins: i32,
  low: f64,
  width: f64,
  scale: f64,
): void {
  for (let i: usize = 0; i < n; i++) {
    store<i32>(out + (i << 2), carefulIndex(load<f64>(src + (i << 3)), edges, bins, low, width, scale));
  }
}

/** Two finite values; each lane counts in a table of its own, so that equal bins need not wait for each other. */
function putPair(x: v128, low: v128, perUnit: v128, top: v128, edges: usize, first: usize, second: usize): void {
  const estimate = f64x2.mul(f64x2.sub(x, low), perUnit);
  const index = i32x4.trunc_sat_f64x2_s_zero(f64x2.pmin(estimate, top));
  put(first, settle(f64x2.extract_lane(x, 0), i32x4.extract_lane(index, 0), edges));
  put(second, settle(f64x2.extract_lane(x, 1), i32x4.extract_lane(index, 1), edges));
}

/**
 * Finite values over a range whose edges are far apart compared with their rounding; there a product
 * estimates as well as NumPy's quotient. `counts` are four tables of `bins`, to be added up.
 */
export function binF64(src: usize, n: usize, edges: usize, counts: usize, bins: i32, low: f64, perUnit: f64): void {
  const L = f64x2.splat(low);
  const P = f64x2.splat(perUnit);
  const top = f64x2.splat(<f64>(bins - 1));
  const size = (<usize>bins) << 2;
  const tail = src + ((n & ~3) << 3);
  for (let p = src; p < tail; p += 32) {
    putPair(v128.load(p), L, P, top, edges, counts, counts + size);
    putPair(v128.load(p, 16), L, P, top, edges, counts + 2 * size, counts + 3 * size);
  }
  for (let p = tail; p < src + (n << 3); p += 8) {
    const x = load<f64>(p);
    put(counts, settle(x, min<i32>(toI32((x - low) * perUnit), bins - 1), edges));
  }
}

export function binF32(src: usize, n: usize, edges: usize, counts: usize, bins: i32, low: f64, perUnit: f64): void {
  const L = f64x2.splat(low);
  const P = f64x2.splat(perUnit);
  const top = f64x2.splat(<f64>(bins - 1));
  const size = (<usize>bins) << 2;
  const tail = src + ((n & ~3) << 2);
  for (let p = src; p < tail; p += 16) {
    const x = v128.load(p);
    putPair(f64x2.promote_low_f32x4(x), L, P, top, edges, counts, counts + size);
    const high = f64x2.promote_low_f32x4(i64x2.shuffle(x, x, 1, 1));
    putPair(high, L, P, top, edges, counts + 2 * size, counts + 3 * size);
  }
  for (let p = tail; p < src + (n << 2); p += 4) {
    const x = <f64>load<f32>(p);
    put(counts, settle(x, min<i32>(toI32((x - low) * perUnit), bins - 1), edges));
  }
}
