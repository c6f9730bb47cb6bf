/** Random numbers that a seed repeats: xorshift128, seeded by splitmix32. */
export class Random {
  #state = new Uint32Array(4);

  constructor(seed) {
    let z = seed >>> 0;
    for (let i = 0; i < 4; i++) {
      z = (z + 0x9e3779b9) >>> 0;
      let t = z ^ (z >>> 16);
      t = Math.imul(t, 0x21f0aaad);
      t ^= t >>> 15;
      t = Math.imul(t, 0x735a2d97);
      this.#state[i] = (t ^ (t >>> 15)) >>> 0;
    }
    if (this.#state.every((word) => word === 0)) this.#state[0] = 1;
  }

  /** 0 to 2^32 − 1. */
  word() {
    const s = this.#state;
    let t = s[3];
    t ^= t << 11;
    t ^= t >>> 8;
    s[3] = s[2];
    s[2] = s[1];
    s[1] = s[0];
    s[0] = (t ^ s[0] ^ (s[0] >>> 19)) >>> 0;
    return s[0];
  }

  /** A whole number of 0 to `limit` − 1. */
  below(limit) {
    return limit <= 0 ? 0 : Math.floor((this.word() / 2 ** 32) * limit);
  }

  chance(probability) {
    return this.word() / 2 ** 32 < probability;
  }

  pick(list) {
    return list[this.below(list.length)];
  }
}

/** One seed from several numbers and words, so that each execution has its own. */
export function seedOf(...parts) {
  let hash = 0x811c9dc5;
  for (const char of parts.join('/')) hash = Math.imul(hash ^ char.codePointAt(0), 0x01000193);
  return hash >>> 0;
}
