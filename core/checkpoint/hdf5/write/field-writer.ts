/** The address of what is not there. */
export const UNDEFINED = Buffer.alloc(8, 0xff);

/** Positions and sizes take 8 bytes in the files that are written here. */
export const WIDTH = 8;

export function padded(nbytes: number): number {
  return Math.ceil(nbytes / 8) * 8;
}

/** Little-endian fields, one after the other. */
export class FieldWriter {
  readonly #parts: Buffer[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  raw(bytes: Uint8Array): this {
    this.#parts.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
    this.#length += bytes.length;
    return this;
  }

  /** An unsigned integer of 1 to 8 bytes. */
  uint(value: number, width: number): this {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt(value));
    return this.raw(bytes.subarray(0, width));
  }

  u8(...values: readonly number[]): this {
    return this.raw(Buffer.from(values));
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
    return this.raw(Buffer.alloc(Math.max(0, length - this.#length)));
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }
}
