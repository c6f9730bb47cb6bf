/** A stream of numbers that is the same on every machine: a case that fails can be run again. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 32 bits (mulberry32's mixing of a Weyl sequence). */
  word(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let z = this.#state;
    z = Math.imul(z ^ (z >>> 15), z | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return (z ^ (z >>> 14)) >>> 0;
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + (this.word() / 2 ** 32) * (high - low);
  }

  integer(low: number, high: number): number {
    return Math.floor(this.between(low, high));
  }

  bytes(count: number): Uint8Array<ArrayBuffer> {
    const words = new Uint32Array(Math.ceil(count / 4));
    for (let i = 0; i < words.length; i++) words[i] = this.word();
    return new Uint8Array(words.buffer, 0, count);
  }

  /** Numbers of both signs around 1, as weights and activations are. */
  numbers(count: number, low = -2, high = 2): Float64Array<ArrayBuffer> {
    return Float64Array.from({ length: count }, () => this.between(low, high));
  }
}
