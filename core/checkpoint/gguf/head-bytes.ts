import { VALUE_TYPES, type ValueType } from './value-types.ts';

/** The bytes of fields, in either order of bytes. */
export class HeadBytes {
  readonly #littleEndian: boolean;
  readonly #parts: Uint8Array[] = [];

  constructor(littleEndian: boolean) {
    this.#littleEndian = littleEndian;
  }

  u32(value: number): this {
    return this.#number(4, (view) => view.setUint32(0, value, this.#littleEndian));
  }

  u64(value: number | bigint): this {
    return this.#number(8, (view) => view.setBigUint64(0, BigInt(value), this.#littleEndian));
  }

  string(text: string): this {
    const bytes = Buffer.from(text);
    return this.u64(bytes.length).bytes(bytes);
  }

  type(type: ValueType): this {
    return this.u32(VALUE_TYPES.indexOf(type));
  }

  bytes(bytes: Uint8Array): this {
    this.#parts.push(bytes);
    return this;
  }

  finish(): Buffer {
    return Buffer.concat(this.#parts);
  }

  #number(size: number, write: (view: DataView) => void): this {
    const bytes = new Uint8Array(size);
    write(new DataView(bytes.buffer));
    return this.bytes(bytes);
  }
}
