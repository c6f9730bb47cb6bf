/** How often codes of 16 bits occur, those that do not left out; in order of the codes. */
export interface SparseCounts {
  readonly codes: Uint16Array;
  readonly counts: Uint32Array | Float64Array;
}

const PAGES = 256;
const PAGE_CODES = 256;

/**
 * Adds up the counts of pieces as they come, whatever their order: whole numbers below 2^53 give the same sum
 * in any. It grows by pages where codes occur, which of weights is in few places: many tensors may be under way.
 */
export class CountTable {
  readonly #pages: (Float64Array | undefined)[] = [];
  #found = 0;

  add({ codes, counts }: SparseCounts): void {
    for (let k = 0; k < codes.length; k++) {
      const code = codes[k] ?? 0;
      const page = this.#page(code >> 8);
      const before = page[code & 255] ?? 0;
      if (before === 0) this.#found += 1;
      page[code & 255] = before + (counts[k] ?? 0);
    }
  }

  /** The counts that are not zero, in the order of their codes. */
  found(): { readonly codes: Uint16Array; readonly counts: Float64Array } {
    const codes = new Uint16Array(this.#found);
    const counts = new Float64Array(this.#found);
    let n = 0;
    for (let index = 0; index < PAGES; index++) {
      const page = this.#pages[index];
      if (page === undefined) continue;
      for (let code = 0; code < PAGE_CODES; code++) {
        const count = page[code] ?? 0;
        if (count === 0) continue;
        codes[n] = index * PAGE_CODES + code;
        counts[n] = count;
        n += 1;
      }
    }
    return { codes, counts };
  }

  #page(index: number): Float64Array {
    const known = this.#pages[index];
    if (known !== undefined) return known;
    const page = new Float64Array(PAGE_CODES);
    this.#pages[index] = page;
    return page;
  }
}
