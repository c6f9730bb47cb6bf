/** A structure of the file to be written, whose size is known before the addresses that it holds. */
export interface Block {
  readonly nbytes: number;
  /** The structure, once everything has its place. */
  readonly encode: () => Buffer;
}

/** Gives structures their places, one behind the other. */
export class Blocks {
  readonly #placed: { readonly address: number; readonly block: Block }[] = [];
  end: number;

  constructor(start: number) {
    this.end = start;
  }

  /** The address at which the block will stand. */
  place(block: Block): number {
    const address = this.end;
    this.#placed.push({ address, block });
    // Structures begin at multiples of 8, as the library aligns them.
    this.end = Math.ceil((address + block.nbytes) / 8) * 8;
    return address;
  }

  *encoded(): Generator<{ readonly address: number; readonly bytes: Buffer }> {
    for (const { address, block } of this.#placed) {
      const bytes = block.encode();
      if (bytes.length !== block.nbytes) {
        throw new TypeError(`A structure of ${bytes.length} bytes was laid out as ${block.nbytes}.`);
      }
      yield { address, bytes };
    }
  }
}
