/**
 * Threefry4x32-20, the counter-based generator of Salmon, Moraes, Dror and Shaw, "Parallel random
 * numbers: as easy as 1, 2, 3" (SC 2011): twenty rounds of additions, rotations and exclusive ors turn a
 * counter of 128 bits into four random words, so that any part of a stream is had without what comes
 * before it. Of the paper's generators the one that needs no 64-bit products, which JavaScript lacks.
 */

/** Words that one counter gives. */
export const WORDS_PER_COUNTER = 4;

/** The parity word of the key schedule (Skein's, cut to 32 bits). */
const PARITY = 0x1bd11bda;
const LAST_INJECTION = 5;

export interface RandomStream {
  /** Words 0 and 1 of the key; the others are 0. */
  readonly key: readonly [number, number];
  /** Words 2 and 3 of the counter. */
  readonly stream: readonly [number, number];
}

/**
 * Fills `words`, a multiple of four of them, with those of the counters from `first` on (below 2^53). Its
 * rounds are written out, as the speed of random initialization is the speed of this loop.
 */
export function threefry({ key, stream }: RandomStream, first: number, words: Int32Array): void {
  const [s0, s1] = key;
  const [c2, c3] = stream;
  const parity = PARITY ^ s0 ^ s1;
  let low = first | 0;
  let high = Math.floor(first / 2 ** 32) | 0;
  for (let at = 0; at < words.length; at += WORDS_PER_COUNTER) {
    let k0 = s0 | 0;
    let k1 = s1 | 0;
    let k2 = 0;
    let k3 = 0;
    let k4 = parity;
    let x0 = (low + k0) | 0;
    let x1 = (high + k1) | 0;
    let x2 = c2 | 0;
    let x3 = c3 | 0;
    low = (low + 1) | 0;
    if (low === 0) high = (high + 1) | 0;
    for (let injection = 1; ; injection += 2) {
      x0 = (x0 + x1) | 0;
      x1 = rotate(x1, 10) ^ x0;
      x2 = (x2 + x3) | 0;
      x3 = rotate(x3, 26) ^ x2;
      x0 = (x0 + x3) | 0;
      x3 = rotate(x3, 11) ^ x0;
      x2 = (x2 + x1) | 0;
      x1 = rotate(x1, 21) ^ x2;
      x0 = (x0 + x1) | 0;
      x1 = rotate(x1, 13) ^ x0;
      x2 = (x2 + x3) | 0;
      x3 = rotate(x3, 27) ^ x2;
      x0 = (x0 + x3) | 0;
      x3 = rotate(x3, 23) ^ x0;
      x2 = (x2 + x1) | 0;
      x1 = rotate(x1, 5) ^ x2;
      x0 = (x0 + k1) | 0;
      x1 = (x1 + k2) | 0;
      x2 = (x2 + k3) | 0;
      x3 = (x3 + k4 + injection) | 0;
      if (injection === LAST_INJECTION) break;
      x0 = (x0 + x1) | 0;
      x1 = rotate(x1, 6) ^ x0;
      x2 = (x2 + x3) | 0;
      x3 = rotate(x3, 20) ^ x2;
      x0 = (x0 + x3) | 0;
      x3 = rotate(x3, 17) ^ x0;
      x2 = (x2 + x1) | 0;
      x1 = rotate(x1, 11) ^ x2;
      x0 = (x0 + x1) | 0;
      x1 = rotate(x1, 25) ^ x0;
      x2 = (x2 + x3) | 0;
      x3 = rotate(x3, 10) ^ x2;
      x0 = (x0 + x3) | 0;
      x3 = rotate(x3, 18) ^ x0;
      x2 = (x2 + x1) | 0;
      x1 = rotate(x1, 20) ^ x2;
      x0 = (x0 + k2) | 0;
      x1 = (x1 + k3) | 0;
      x2 = (x2 + k4) | 0;
      x3 = (x3 + k0 + injection + 1) | 0;
      const used0 = k0;
      const used1 = k1;
      k0 = k2;
      k1 = k3;
      k2 = k4;
      k3 = used0;
      k4 = used1;
    }
    words[at] = x0;
    words[at + 1] = x1;
    words[at + 2] = x2;
    words[at + 3] = x3;
  }
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}
