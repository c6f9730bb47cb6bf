/** Counting into equal-width bins, element by element as numpy.histogram does it (numpy 2.4, lib/_histograms_impl.py). */
import { toI32 } from './saturate';

/** `scale` is 1, or 0.5 where the range itself would overflow; `low` and `width` are already scaled. */
function binOf(x: f64, edges: usize, bins: i32, low: f64, width: f64, scale: f64): i32 {
  let index = min<i32>(toI32(((x * scale - low) / width) * <f64>bins), bins - 1);
  // The quotient may be off by one unit at an edge; the edges decide.
  if (x < load<f64>(edges + ((<usize>index) << 3))) index -= 1;
  if (index != bins - 1 && x >= load<f64>(edges + ((<usize>index) << 3), 8)) index += 1;
  return index;
}

export function binF64(
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
    if (!(abs(x) < Infinity)) continue;
    const at = counts + ((<usize>binOf(x, edges, bins, low, width, scale)) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
}

export function binF32(
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
    const x = <f64>load<f32>(src + (i << 2));
    if (!(abs(x) < Infinity)) continue;
    const at = counts + ((<usize>binOf(x, edges, bins, low, width, scale)) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
}
