/** Counting what selection by digits and bins between free edges need. */
import { countCode, prefixOf } from './counts';

const TABLE_SHIFT: usize = 18;

/**
 * Of the float32 bit patterns that begin with one of `wanted` prefixes (uint64, of `known` bits), how often each
 * digit of 16 bits follows: one table of 65,536 counts per prefix.
 */
export function countDigitsF32(src: usize, n: usize, known: u32, prefixes: usize, wanted: usize, tables: usize): void {
  for (let i: usize = 0; i < n; i++) {
    const bits = <u64>load<u32>(src + (i << 2));
    const head = bits >> <u64>(32 - known);
    const digit = <usize>((bits >> <u64>(16 - known)) & 0xffff);
    for (let k: usize = 0; k < wanted; k++) {
      if (head == load<u64>(prefixes + (k << 3))) countCode(tables + (k << TABLE_SHIFT), digit);
    }
  }
}

/** As `countDigitsF32` for float64 lanes. */
export function countDigitsF64(src: usize, n: usize, known: u32, prefixes: usize, wanted: usize, tables: usize): void {
  for (let i: usize = 0; i < n; i++) {
    const bits = load<u64>(src + (i << 3));
    const head = known == 0 ? 0 : bits >> <u64>(64 - known);
    const digit = <usize>((bits >> <u64>(48 - known)) & 0xffff);
    for (let k: usize = 0; k < wanted; k++) {
      if (head == load<u64>(prefixes + (k << 3))) countCode(tables + (k << TABLE_SHIFT), digit);
    }
  }
}

/** How many of the edges `[first, last)` are at most `x`, plus `first`. */
function slotOf(x: f64, edges: usize, first: usize, last: usize): usize {
  let low = first;
  let high = last;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (load<f64>(edges + (middle << 3)) <= x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The last bin includes its upper edge. */
function settle(x: f64, slot: usize, edges: usize, bins: usize): usize {
  return slot > bins && x == load<f64>(edges + (bins << 3)) ? bins : slot;
}

/**
 * Counts the values whose prefix lies in more than one slot: slot 0 is below all edges, slot `bins + 1` above.
 * `slots` has two uint16 per prefix: the slots of the least and of the greatest value that it can stand for.
 */
export function binStraddlersF32(src: usize, n: usize, slots: usize, edges: usize, bins: usize, counts: usize): void {
  for (let i: usize = 0; i < n; i++) {
    const span = load<u32>(slots + ((<usize>load<u16>(src + (i << 2), 2)) << 2));
    const first = <usize>(span & 0xffff);
    const last = <usize>(span >> 16);
    if (first == last) continue;
    const x = <f64>load<f32>(src + (i << 2));
    countCode(counts, settle(x, slotOf(x, edges, first, last), edges, bins));
  }
}

export function binStraddlersF64(src: usize, n: usize, slots: usize, edges: usize, bins: usize, counts: usize): void {
  for (let i: usize = 0; i < n; i++) {
    const x = load<f64>(src + (i << 3));
    const span = load<u32>(slots + (prefixOf(x) << 2));
    const first = <usize>(span & 0xffff);
    const last = <usize>(span >> 16);
    if (first == last) continue;
    countCode(counts, settle(x, slotOf(x, edges, first, last), edges, bins));
  }
}

/** Adds the squares of finite values to `squares`, keeps the largest magnitude in `most`, counts the others in `others`. */
export function normsOfLine(src: usize, n: usize, squares: usize, most: usize, others: usize): void {
  for (let i: usize = 0; i < n; i++) normAt(load<f64>(src + (i << 3)), squares, most, others);
}

function normAt(x: f64, squares: usize, most: usize, others: usize): void {
  const size = abs(x);
  if (!(size < Infinity)) {
    store<f64>(others, load<f64>(others) + 1);
    return;
  }
  store<f64>(squares, load<f64>(squares) + x * x);
  store<f64>(most, max(load<f64>(most), size));
}

/** As `normsOfLine`, each value to a line of its own: arrays of float64 that lie in step with the values. */
export function normsAcross(src: usize, n: usize, squares: usize, most: usize, others: usize): void {
  for (let i: usize = 0; i < n; i++) {
    const at = i << 3;
    normAt(load<f64>(src + at), squares + at, most + at, others + at);
  }
}
