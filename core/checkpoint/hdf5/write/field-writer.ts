/** The address of what is not there. */
export const UNDEFINED = Buffer.alloc(8, 0xff);

/** Positions and sizes take 8 bytes in the files that are written here. */
export const WIDTH = 8;

export function padded(nbytes: number): number {
  return Math.ceil(nbytes / 8) * 8;
}

/** Most structures are smaller. */
const FIRST_BYTES = 64;

/** Little-endian fields, one after the other. */
export class FieldWriter {
  #buffer = Buffer.alloc(FIRST_BYTES);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  raw(bytes: Uint8Array): this {
    const at = this.#grow(bytes.length);
    this.#buffer.set(bytes, at);
    return this;
  }

  /** An unsigned integer of 1 to 8 bytes. */
  uint(value: number, width: number): this {
    const at = this.#grow(width);
    if (width <= 6) this.#buffer.writeUIntLE(value, at, width);
    else {
      this.#buffer.writeUInt32LE(value % 2 ** 32, at);
      this.#buffer.writeUIntLE(Math.floor(value / 2 ** 32), at + 4, width - 4);
    }
    return this;
  }

  u8(...values: readonly number[]): this {
    const at = this.#grow(values.length);
    for (const [i, value] of values.entries()) this.#buffer[at + i] = value;
    return this;
  }

  u16(value: number): this {
    return this.uint(value, 2);
  }

  u32(value: number): this {
    return this.uint(value, 4);
  }

  u64(value: number): this {
    return this.uint(value, WIDTH);
  }

  /** Null: not there. */
  address(value: number | null): this {
    return value === null ? this.raw(UNDEFINED) : this.u64(value);
  }

  text(text: string): this {
    return this.raw(Buffer.from(text, 'latin1'));
  }

  /** Zeros up to a multiple of 8. */
  align(): this {
    return this.fill(padded(this.#length));
  }

  /** Zeros up to `length`. */
  fill(length: number): this {
    this.#grow(Math.max(0, length - this.#length));
    return this;
  }

  /** What was written so far; nothing more is written behind that. */
  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Room for `nbytes` more, all zeros; where it begins. */
  #grow(nbytes: number): number {
    const at = this.#length;
    this.#length += nbytes;
    if (this.#length > this.#buffer.length) {
      const larger = Buffer.alloc(Math.max(2 * this.#buffer.length, this.#length));
      larger.set(this.#buffer.subarray(0, at));
      this.#buffer = larger;
    }
    return at;
  }
}
