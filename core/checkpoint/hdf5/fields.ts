import type { PagedBytes } from '../paged-bytes.ts';
import { metadataChecksum } from './checksum.ts';

/** A structure whose last four bytes are a checksum of all before. */
export interface GuardedBlock {
  readonly address: number;
  readonly nbytes: number;
}

/** How wide a file writes positions and sizes, by its superblock. */
export interface Widths {
  readonly offset: number;
  readonly length: number;
}

/** The bytes of an HDF5 file by address: position 0 is the superblock's base address. */
export class HdfBytes {
  /** Hears of every structure whose checksum was verified: writers mend it where they patch. */
  onGuarded: ((block: GuardedBlock) => void) | null = null;

  constructor(
    readonly bytes: PagedBytes,
    readonly widths: Widths,
  ) {}

  /** @throws CheckpointFormatError always */
  fail(problem: string, address: number): never {
    return this.bytes.fail(problem, address);
  }

  async fields(address: number, nbytes: number, what: string): Promise<Fields> {
    this.bytes.spend(nbytes, address);
    return new Fields(this, await this.bytes.bytes(address, nbytes, what), address);
  }

  /** As `fields`, of a structure that begins with a signature of four letters. */
  async structure(address: number, nbytes: number, { mark, what }: { mark: string; what: string }): Promise<Fields> {
    const fields = await this.fields(address, nbytes, what);
    const found = fields.take(4).toString('latin1');
    if (found !== mark) this.fail(`${what} should begin with "${mark}"`, address);
    return fields;
  }

  /** A structure of newer versions, whose last four bytes are a checksum of all before. */
  async checked(address: number, nbytes: number, { mark, what }: { mark: string; what: string }): Promise<Fields> {
    const fields = await this.structure(address, nbytes, { mark, what });
    this.#verify(fields, what);
    return fields;
  }

  /** As `checked`, without a signature. */
  async guarded(address: number, nbytes: number, what: string): Promise<Fields> {
    const fields = await this.fields(address, nbytes, what);
    this.#verify(fields, what);
    return fields;
  }

  #verify({ bytes, address }: Fields, what: string): void {
    const end = bytes.length - 4;
    if (end < 0 || metadataChecksum(bytes.subarray(0, end)) !== bytes.readUInt32LE(end)) {
      this.fail(`${what} is damaged: its checksum is wrong`, address);
    }
    this.onGuarded?.({ address, nbytes: bytes.length });
  }
}

/** Little-endian fields, one after the other, of bytes at a known address. */
export class Fields {
  at = 0;

  constructor(
    readonly file: HdfBytes,
    readonly bytes: Buffer,
    readonly address: number,
  ) {}

  get left(): number {
    return this.bytes.length - this.at;
  }

  /** The address of the next field. */
  get position(): number {
    return this.address + this.at;
  }

  fail(problem: string): never {
    return this.file.fail(problem, this.position);
  }

  take(nbytes: number): Buffer {
    if (nbytes < 0 || nbytes > this.left) this.fail(`a field of ${nbytes} bytes leaves its structure`);
    this.at += nbytes;
    return this.bytes.subarray(this.at - nbytes, this.at);
  }

  skip(nbytes: number): void {
    this.take(nbytes);
  }

  u8(): number {
    return this.take(1).readUInt8(0);
  }

  u16(): number {
    return this.take(2).readUInt16LE(0);
  }

  u32(): number {
    return this.take(4).readUInt32LE(0);
  }

  /** An unsigned integer of up to 8 bytes. @throws CheckpointFormatError beyond 2^53 */
  uint(width: number): number {
    const bytes = this.take(width);
    if (width === 0) return 0;
    if (width <= 6) return bytes.readUIntLE(0, width);
    const value = bytes.readUIntLE(0, 6) + bytes.readUIntLE(6, width - 6) * 2 ** 48;
    if (!Number.isSafeInteger(value)) this.fail('a size or position is beyond every real file');
    return value;
  }

  size(): number {
    return this.uint(this.file.widths.length);
  }

  /** Null for the undefined address (all bits set). */
  addressOrNull(): number | null {
    return this.#uintOrNull(this.file.widths.offset);
  }

  /** Null for the size without limit (all bits set). */
  sizeOrUnlimited(): number | null {
    return this.#uintOrNull(this.file.widths.length);
  }

  #uintOrNull(width: number): number | null {
    const bytes = this.bytes.subarray(this.at, this.at + width);
    if (bytes.length === width && bytes.every((byte) => byte === 0xff)) {
      this.at += width;
      return null;
    }
    return this.uint(width);
  }

  /** @throws CheckpointFormatError where the address is undefined */
  requiredAddress(what: string): number {
    return this.addressOrNull() ?? this.fail(`${what} has no address`);
  }

  /** Text up to the next NUL, which is passed over. */
  text(what: string): string {
    const end = this.bytes.indexOf(0, this.at);
    if (end < 0) return this.fail(`${what} does not end`);
    const text = this.take(end - this.at).toString('utf8');
    this.at++;
    return text;
  }

  /** The next `nbytes` as fields of their own. */
  part(nbytes: number): Fields {
    const address = this.position;
    return new Fields(this.file, this.take(nbytes), address);
  }
}
