import { CheckpointFormatError } from '../../errors.ts';
import type { ByteSource } from '../byte-source.ts';

/** Read where records follow each other closely. */
const NEAR_BYTES = 64 * 1024;
/** Read after a jump over values: the next record's header and little else. */
const FAR_BYTES = 4 * 1024;

/**
 * A position in a file of little-endian fields. `prefetch` reads, the fields are then taken without
 * waiting; what leaves the file is refused with the place where it would have begun.
 */
export class FileCursor {
  readonly #source: ByteSource;
  #position = 0;
  #windowStart = 0;
  #window = Buffer.alloc(0);

  constructor(source: ByteSource) {
    this.#source = source;
  }

  get position(): number {
    return this.#position;
  }

  /** Bytes from here to the end of the file. */
  get remaining(): number {
    return this.#source.size - this.#position;
  }

  /** @throws CheckpointFormatError */
  fail(problem: string, offset = this.#position): never {
    const file = this.#source.name;
    throw new CheckpointFormatError(`${file}: ${problem} (byte ${offset} of the file).`, { file, offset });
  }

  /** Has the next `nbytes` at hand, or what is left of the file. */
  async prefetch(nbytes: number): Promise<void> {
    const wanted = Math.min(nbytes, this.remaining);
    const at = this.#position - this.#windowStart;
    if (at >= 0 && at + wanted <= this.#window.length) return;
    const near = at >= 0 && at <= this.#window.length;
    const length = Math.min(Math.max(wanted, near ? NEAR_BYTES : FAR_BYTES), this.remaining);
    this.#window = Buffer.from(await this.#source.read(this.#position, length));
    this.#windowStart = this.#position;
  }

  u32(what: string): number {
    return this.bytes(4, what).readUInt32LE();
  }

  i32(what: string): number {
    return this.bytes(4, what).readInt32LE();
  }

  /** @throws CheckpointFormatError also for what exceeds 2^53, more than any file can mean. */
  i64(what: string): number {
    const offset = this.#position;
    const value = this.bytes(8, what).readBigInt64LE();
    const number = Number(value);
    if (Number.isSafeInteger(number)) return number;
    return this.fail(`${what} is ${value}, which is beyond every real size`, offset);
  }

  u64(what: string): number {
    const offset = this.#position;
    const value = this.bytes(8, what).readBigUInt64LE();
    const number = Number(value);
    if (Number.isSafeInteger(number)) return number;
    return this.fail(`${what} is ${value}, which is beyond every real size`, offset);
  }

  /** A view of the next bytes, of which `prefetch` has seen to. */
  bytes(nbytes: number, what: string): Buffer {
    const start = this.#position;
    this.skip(nbytes, what);
    const at = start - this.#windowStart;
    return this.#window.subarray(at, at + nbytes);
  }

  skip(nbytes: number, what: string): void {
    if (nbytes > this.remaining) {
      this.fail(`the file is cut short: ${what} should take ${nbytes} bytes, but only ${this.remaining} are left`);
    }
    this.#position += nbytes;
  }
}
