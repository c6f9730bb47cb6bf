import type { SparseCounts } from './count-table.ts';

/**
 * The finite values of a tensor, ascending, as runs: `counts[k]` of them lie in `[lows[k], highs[k]]`. Where the two
 * are one array every value is known exactly.
 */
export interface Distribution {
  readonly lows: Float64Array;
  readonly highs: Float64Array;
  readonly counts: Float64Array;
  /** The float32 prefix of each run; of exact values none. */
  readonly codes: Uint16Array;
}

export function isExact({ lows, highs }: Distribution): boolean {
  return lows === highs;
}

/** Prefixes from here on, without the sign, are of infinities and NaNs. */
const NOT_FINITE = 0x7f80;
const SIGN = 0x8000;
const REST_OF_ZERO = 0x7fff;
const REST = 0xffff;
/** Rounding to float32 moves a value by at most this share of it, or by this much next to zero. */
const ROUNDING = 2 ** -24;
const LEAST_ROUNDING = 2 ** -150;

const word = new Uint32Array(1);
const asFloat = new Float32Array(word.buffer);

function float32Of(bits: number): number {
  word[0] = bits;
  return asFloat[0] ?? 0;
}

/** The magnitudes that a prefix without its sign stands for. */
function magnitudes(prefix: number, rounded: boolean): readonly [low: number, high: number] {
  const low = float32Of(prefix * SIGN * 2);
  if (!rounded) return [low, float32Of(prefix * SIGN * 2 + REST)];
  const above = prefix + 1 < NOT_FINITE ? float32Of((prefix + 1) * SIGN * 2) : Number.MAX_VALUE;
  return [Math.max(0, low * (1 - ROUNDING) - LEAST_ROUNDING), above];
}

interface PrefixFacts {
  readonly rounded: boolean;
  readonly min: number;
  readonly max: number;
  readonly zeros: number;
}

/**
 * Of the counts of float32 prefixes (core/stats/kernels/counts.ts). `rounded`: the values were rounded to float32
 * first, which keeps their order but not their edges.
 */
export function prefixDistribution(
  { codes, counts }: SparseCounts,
  { rounded, min, max, zeros }: PrefixFacts,
): Distribution {
  // Prefixes 0 and -0 also begin the least denormal numbers; mostly there are none.
  let nearZero = 0;
  codes.forEach((code, k) => {
    if ((code & REST_OF_ZERO) === 0) nearZero += counts[k] ?? 0;
  });
  const order = ascending(codes);
  const found = {
    codes: new Uint16Array(order.length),
    lows: new Float64Array(order.length),
    highs: new Float64Array(order.length),
    counts: new Float64Array(order.length),
  };
  order.forEach((k, i) => {
    const code = codes[k] ?? 0;
    const size = code & (SIGN - 1);
    const [least, most] = size === 0 && nearZero === zeros ? [0, 0] : magnitudes(size, rounded);
    found.codes[i] = code;
    found.lows[i] = Math.max(code < SIGN ? least : 0 - most, min);
    found.highs[i] = Math.min(code < SIGN ? most : 0 - least, max);
    found.counts[i] = counts[k] ?? 0;
  });
  return found;
}

/** Where the finite prefixes among ascending `codes` are, by value: codes of negative numbers rise as these fall. */
function ascending(codes: Uint16Array): Uint32Array {
  const order = new Uint32Array(codes.length);
  let n = 0;
  const take = (k: number): void => {
    if (((codes[k] ?? 0) & (SIGN - 1)) < NOT_FINITE) order[n++] = k;
  };
  const below = codes.findIndex((code) => code >= SIGN);
  const negatives = below < 0 ? codes.length : below;
  for (let k = codes.length - 1; k >= negatives; k--) take(k);
  for (let k = 0; k < negatives; k++) take(k);
  return order.subarray(0, n);
}
