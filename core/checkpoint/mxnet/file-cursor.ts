import { CheckpointFormatError } from '../../errors.ts';
import type { ByteSource } from '../byte-source.ts';

/** Read where records follow each other closely. */
const NEAR_BYTES = 1024 * 1024;
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

  /** Whether the next `nbytes`, or what is left of the file, are at hand. */
  has(nbytes: number): boolean {
    const at = this.#position - this.#windowStart;
    return at + Math.min(nbytes, this.remaining) <= this.#window.length;
  }

  /** Has the next `nbytes` at hand, or what is left of the file. */
  async prefetch(nbytes: number): Promise<void> {
    if (this.has(nbytes)) return;
    const wanted = Math.min(nbytes, this.remaining);
    const at = this.#position - this.#windowStart;
    const near = at <= this.#window.length;
    const length = Math.min(Math.max(wanted, near ? NEAR_BYTES : FAR_BYTES), this.remaining);
    this.#window = Buffer.from(await this.#source.read(this.#position, length));
    this.#windowStart = this.#position;
  }

  u32(what: string): number {
    return this.#window.readUInt32LE(this.#take(4, what));
  }

  i32(what: string): number {
    return this.#window.readInt32LE(this.#take(4, what));
  }

  /** @throws CheckpointFormatError also for what exceeds 2^53, more than any file can mean. */
  i64(what: string): number {
    const at = this.#take(8, what);
    const value = this.#window.readInt32LE(at + 4) * 2 ** 32 + this.#window.readUInt32LE(at);
    return Number.isSafeInteger(value) ? value : this.#unreal(what, this.#window.readBigInt64LE(at));
  }

  u64(what: string): number {
    const at = this.#take(8, what);
    const value = this.#window.readUInt32LE(at + 4) * 2 ** 32 + this.#window.readUInt32LE(at);
    return Number.isSafeInteger(value) ? value : this.#unreal(what, this.#window.readBigUInt64LE(at));
  }

  /** A view of the next bytes, of which `prefetch` has seen to. */
  bytes(nbytes: number, what: string): Buffer {
    const at = this.#take(nbytes, what);
    return this.#window.subarray(at, at + nbytes);
  }

  /** Where in the window the next bytes are. */
  #take(nbytes: number, what: string): number {
    const at = this.#position - this.#windowStart;
    this.skip(nbytes, what);
    return at;
  }

  #unreal(what: string, value: bigint): never {
    return this.fail(`${what} is ${value}, which is beyond every real size`, this.#position - 8);
  }

  /** @throws CheckpointFormatError where the file ends before that. */
  skip(nbytes: number, what: string | (() => string)): void {
    if (nbytes > this.remaining) {
      const label = typeof what === 'string' ? what : what();
      this.fail(`the file is cut short: ${label} should take ${nbytes} bytes, but only ${this.remaining} are left`);
    }
    this.#position += nbytes;
  }
}
