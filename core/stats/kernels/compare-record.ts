/**
 * The record of a comparison: float64 fields that core/stats/difference.ts reads and merges. Positions are those
 * of the whole tensor, -1 where there is none; a distance beyond `ABSOLUTE + RELATIVE · |a|` counts as beyond.
 */
/** Pairs without a NaN, and over them the sums of |a − b|, |a − b|², |a|², |b|² and Re(a · conj b). */
const PAIRS: usize = 0;
const SUM: usize = 8;
const SQUARES: usize = 16;
const AA: usize = 24;
const BB: usize = 32;
const AB: usize = 40;
/** The largest |a − b|, and where it is first reached. */
const MOST: usize = 48;
const MOST_AT: usize = 56;
/** Pairs that differ (NaN equals NaN), and where the first of them is. */
const CHANGED: usize = 64;
const FIRST: usize = 72;
const NAN_IN_A: usize = 80;
const NAN_IN_B: usize = 88;
const NAN_IN_BOTH: usize = 96;
const BEYOND: usize = 104;
const ABSOLUTE: usize = 112;
const RELATIVE: usize = 120;
const RECORD_BYTES: usize = 128;

/** Without a tolerance `absolute` is infinite. */
export function compareReset(record: usize, absolute: f64, relative: f64): void {
  memory.fill(record, 0, RECORD_BYTES);
  store<f64>(record, -1, MOST_AT);
  store<f64>(record, -1, FIRST);
  store<f64>(record, absolute, ABSOLUTE);
  store<f64>(record, relative, RELATIVE);
}

function bump(at: usize, by: f64): void {
  store<f64>(at, load<f64>(at) + by);
}

/** A pair at `index` that differs. */
export function addChange(record: usize, index: f64): void {
  bump(record + CHANGED, 1);
  if (load<f64>(record, FIRST) < 0) store<f64>(record, index, FIRST);
}

/** A pair at `index` with a NaN, which nothing measures. */
export function addNaN(record: usize, index: f64, inA: bool, inB: bool): void {
  if (inA && inB) {
    bump(record + NAN_IN_BOTH, 1);
    return;
  }
  bump(record + (inA ? NAN_IN_A : NAN_IN_B), 1);
  bump(record + BEYOND, 1);
  addChange(record, index);
}

/** A pair at `index`; `a` is |a|, the others are the products that are summed. */
export function addPair(record: usize, index: f64, distance: f64, a: f64, aa: f64, bb: f64, ab: f64): void {
  bump(record + PAIRS, 1);
  bump(record + SUM, distance);
  bump(record + SQUARES, distance * distance);
  bump(record + AA, aa);
  bump(record + BB, bb);
  bump(record + AB, ab);
  if (distance > load<f64>(record, MOST)) {
    store<f64>(record, distance, MOST);
    store<f64>(record, index, MOST_AT);
  }
  if (isBeyond(record, distance, a)) bump(record + BEYOND, 1);
}

function isBeyond(record: usize, distance: f64, a: f64): bool {
  return distance > load<f64>(record, ABSOLUTE) + load<f64>(record, RELATIVE) * a;
}

/** `n` pairs without a NaN that were summed up elsewhere. */
export function addSums(record: usize, n: usize, sum: f64, squares: f64, aa: f64, bb: f64, ab: f64): void {
  bump(record + PAIRS, <f64>n);
  bump(record + SUM, sum);
  bump(record + SQUARES, squares);
  bump(record + AA, aa);
  bump(record + BB, bb);
  bump(record + AB, ab);
}

/**
 * The rest of what `addSums` leaves out, of finite pairs of which `changed` differ and the furthest are `most` apart:
 * a second look, where that says there is something to be found.
 */
export function addPlaces<T>(record: usize, a: usize, b: usize, n: usize, base: f64, changed: f64, most: f64): void {
  if (changed == 0) return;
  if (load<f64>(record, FIRST) < 0) {
    let i: usize = 0;
    while (load<T>(a + i * sizeof<T>()) == load<T>(b + i * sizeof<T>())) i++;
    store<f64>(record, base + <f64>i, FIRST);
  }
  bump(record + CHANGED, changed);
  if (most > load<f64>(record, MOST)) {
    let i: usize = 0;
    while (distanceAt<T>(a, b, i) != most) i++;
    store<f64>(record, most, MOST);
    store<f64>(record, base + <f64>i, MOST_AT);
  }
  if (!(most > load<f64>(record, ABSOLUTE))) return;
  let beyond: f64 = 0;
  for (let i: usize = 0; i < n; i++) {
    if (isBeyond(record, distanceAt<T>(a, b, i), <f64>abs(load<T>(a + i * sizeof<T>())))) beyond += 1;
  }
  bump(record + BEYOND, beyond);
}

function distanceAt<T>(a: usize, b: usize, i: usize): f64 {
  return abs(<f64>load<T>(a + i * sizeof<T>()) - <f64>load<T>(b + i * sizeof<T>()));
}
