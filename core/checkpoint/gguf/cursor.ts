import { CheckpointFormatError } from '../../errors.ts';
import type { ByteSource } from '../byte-source.ts';

/** Read where fields follow each other: token lists take a few of these. */
const NEAR_BYTES = 1024 * 1024;

const STRICT_UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * A position in the head of a GGUF file. `need` reads, the fields are then taken without waiting; what
 * leaves the file is refused with the place where it would have begun.
 */
export class GGUFCursor {
  /** Newer files say by their version's bytes that they are big-endian. */
  littleEndian = true;
  readonly #source: ByteSource;
  #position = 0;
  #windowStart = 0;
  #window: DataView = new DataView(new ArrayBuffer(0));

  constructor(source: ByteSource) {
    this.#source = source;
  }

  get position(): number {
    return this.#position;
  }

  get size(): number {
    return this.#source.size;
  }

  /** Bytes from here to the end of the file. */
  get remaining(): number {
    return this.#source.size - this.#position;
  }

  /** @throws CheckpointFormatError always. */
  fail(problem: string, offset = this.#position): never {
    const file = this.#source.name;
    throw new CheckpointFormatError(`${file}: ${problem} (byte ${offset} of the file).`, { file, offset });
  }

  /** Whether the next `nbytes` can be taken at once. */
  has(nbytes: number): boolean {
    return this.#position - this.#windowStart + nbytes <= this.#window.byteLength;
  }

  /** Has the next `nbytes` at hand. @throws CheckpointFormatError where the file ends before that. */
  async need(nbytes: number, what: string): Promise<void> {
    if (this.has(nbytes)) return;
    this.check(nbytes, what);
    const length = Math.min(Math.max(nbytes, NEAR_BYTES), this.remaining);
    const bytes = await this.#source.read(this.#position, length);
    this.#window = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#windowStart = this.#position;
  }

  /** @throws CheckpointFormatError where the file ends before that. */
  check(nbytes: number, what: string): void {
    if (nbytes <= this.remaining) return;
    this.fail(`the file is cut short: ${what} should take ${nbytes} bytes, but only ${this.remaining} are left`);
  }

  skip(nbytes: number, what: string): void {
    this.check(nbytes, what);
    this.#position += nbytes;
  }

  u8(): number {
    return this.#window.getUint8(this.#take(1));
  }

  i8(): number {
    return this.#window.getInt8(this.#take(1));
  }

  u16(): number {
    return this.#window.getUint16(this.#take(2), this.littleEndian);
  }

  i16(): number {
    return this.#window.getInt16(this.#take(2), this.littleEndian);
  }

  u32(): number {
    return this.#window.getUint32(this.#take(4), this.littleEndian);
  }

  i32(): number {
    return this.#window.getInt32(this.#take(4), this.littleEndian);
  }

  f32(): number {
    return this.#window.getFloat32(this.#take(4), this.littleEndian);
  }

  f64(): number {
    return this.#window.getFloat64(this.#take(8), this.littleEndian);
  }

  u64(): bigint {
    return this.#window.getBigUint64(this.#take(8), this.littleEndian);
  }

  i64(): bigint {
    return this.#window.getBigInt64(this.#take(8), this.littleEndian);
  }

  /** A length, a count or an offset. @throws CheckpointFormatError beyond 2^53, more than any file can mean. */
  size64(what: string): number {
    const value = this.u64();
    if (value <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(value);
    return this.fail(`${what} is ${value}, which is beyond every real size`, this.#position - 8);
  }

  /** A view of the next bytes, which `need` has seen to. */
  bytes(nbytes: number): Uint8Array {
    const at = this.#take(nbytes);
    return new Uint8Array(this.#window.buffer, this.#window.byteOffset + at, nbytes);
  }

  /** A name, which must be UTF-8, of at most `limit` bytes. */
  async name(what: string, limit: number): Promise<string> {
    await this.need(8, `the length of ${what}`);
    const length = this.size64(`the length of ${what}`);
    if (length > limit) this.fail(`${what} is said to have ${length} bytes; the most is ${limit}`, this.#position - 8);
    await this.need(length, what);
    try {
      return STRICT_UTF8.decode(this.bytes(length));
    } catch {
      return this.fail(`${what} is not UTF-8 text`, this.#position - length);
    }
  }

  /** Where in the window the next bytes are. */
  #take(nbytes: number): number {
    const at = this.#position - this.#windowStart;
    this.#position += nbytes;
    return at;
  }
}
