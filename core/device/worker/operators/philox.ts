/**
 * Philox4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw, "Parallel random numbers:
 * as easy as 1, 2, 3" (SC 2011): ten rounds of multiplications turn a counter of 128 bits into four
 * random words, so that any part of a stream is had without what comes before it.
 */

const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;
const ROUNDS = 10;

/** Words that one counter gives. */
export const WORDS_PER_COUNTER = 4;

export interface PhiloxStream {
  readonly key: readonly [number, number];
  /** The upper 64 bits of the counter, low word first. */
  readonly stream: readonly [number, number];
}

/** Fills `words`, a multiple of four of them, with those of the counters from `first` on (below 2^53). */
export function philox({ key, stream }: PhiloxStream, first: number, words: Uint32Array): void {
  for (let at = 0, counter = first; at < words.length; at += WORDS_PER_COUNTER, counter++) {
    let c0 = counter >>> 0;
    let c1 = Math.floor(counter / 2 ** 32) >>> 0;
    let [c2, c3] = stream;
    let [k0, k1] = key;
    for (let round = 0; round < ROUNDS; round++) {
      const high0 = multiplyHigh(c0, MULTIPLIER_0 >>> 16, MULTIPLIER_0 & 0xffff);
      const high1 = multiplyHigh(c2, MULTIPLIER_1 >>> 16, MULTIPLIER_1 & 0xffff);
      const low0 = Math.imul(c0, MULTIPLIER_0);
      c0 = high1 ^ c1 ^ k0;
      c1 = Math.imul(c2, MULTIPLIER_1);
      c2 = high0 ^ c3 ^ k1;
      c3 = low0;
      k0 = (k0 + WEYL_0) | 0;
      k1 = (k1 + WEYL_1) | 0;
    }
    words[at] = c0;
    words[at + 1] = c1;
    words[at + 2] = c2;
    words[at + 3] = c3;
  }
}

/** The upper 32 bits of the product with a constant, which is given in halves. */
function multiplyHigh(value: number, high: number, low: number): number {
  const valueLow = value & 0xffff;
  const valueHigh = value >>> 16;
  const middle = (Math.imul(valueHigh, low) >>> 0) + (Math.imul(valueLow, low) >>> 16);
  const carried = (Math.imul(valueLow, high) >>> 0) + (middle & 0xffff);
  return (Math.imul(valueHigh, high) + (middle >>> 16) + (carried >>> 16)) | 0;
}
