import { CheckpointFormatError } from '../errors.ts';
import type { ByteSource } from './byte-source.ts';

const PAGE_BYTES = 64 * 1024;
/** 4 MiB of pages: structure that refers back and forth stays at hand. */
const MAX_PAGES = 64;

/** One piece of structure; more is values, which nobody reads through here. */
export const MAX_STRUCTURE = 256 * 1024 * 1024;

/** Real files are taken in once or twice over; those that are made to exhaust us, thousands of times. */
const SPENT_RATIO = 8;
const SPENT_SLACK = 64 * 1024 * 1024;

/** A run of bytes inside a file: a member of an archive, or the whole file. */
export interface Extent {
  readonly start: number;
  readonly nbytes: number;
}

/**
 * The structure of a file, read by pages as a parser goes back and forth in it. Positions count from the
 * start of the extent; what leaves it is refused with the position in the file.
 */
export class PagedBytes {
  readonly name: string;
  /** Bytes of the extent. */
  readonly size: number;
  /** Where the extent begins in the file. */
  readonly base: number;
  readonly #source: ByteSource;
  readonly #pages = new Map<number, Buffer>();
  #spent = 0;

  constructor(source: ByteSource, extent: Extent = { start: 0, nbytes: source.size }) {
    this.name = source.name;
    this.size = extent.nbytes;
    this.base = extent.start;
    this.#source = source;
  }

  /** @throws CheckpointFormatError always; `offset` counts from the start of the extent. */
  fail(problem: string, offset: number): never {
    const at = this.base + offset;
    throw new CheckpointFormatError(`${this.name}: ${problem} (byte ${at} of the file).`, {
      file: this.name,
      offset: at,
    });
  }

  /** The bytes where they are at hand already, null where `bytes` would have to read. */
  peek(offset: number, nbytes: number): Buffer | null {
    const page = Math.floor(offset / PAGE_BYTES);
    const at = offset - page * PAGE_BYTES;
    const held = this.#pages.get(page);
    return held && offset >= 0 && at + nbytes <= held.length ? held.subarray(at, at + nbytes) : null;
  }

  /** @throws CheckpointFormatError where the extent ends before that: `what` is "the name of a tensor". */
  async bytes(offset: number, nbytes: number, what: string): Promise<Buffer> {
    const held = this.peek(offset, nbytes);
    if (held) return held;
    this.check(offset, nbytes, what);
    if (nbytes > MAX_STRUCTURE) {
      this.fail(`${what} takes ${nbytes} bytes; more than ${MAX_STRUCTURE} are not read`, offset);
    }
    const first = Math.floor(offset / PAGE_BYTES);
    const last = Math.floor((offset + Math.max(nbytes, 1) - 1) / PAGE_BYTES);
    if (last - first > 1) return Buffer.from(await this.#source.read(this.base + offset, nbytes));
    const pages: Buffer[] = [];
    for (let page = first; page <= last; page++) pages.push(await this.#page(page));
    const all = pages.length === 1 ? (pages[0] ?? Buffer.alloc(0)) : Buffer.concat(pages);
    return all.subarray(offset - first * PAGE_BYTES, offset - first * PAGE_BYTES + nbytes);
  }

  /** @throws CheckpointFormatError where `[offset, offset + nbytes)` is not all inside the extent. */
  check(offset: number, nbytes: number, what: string): void {
    if (offset >= 0 && nbytes >= 0 && offset + nbytes <= this.size) return;
    const left = Math.max(0, this.size - offset);
    this.fail(
      `${what} should take ${nbytes} bytes, but only ${left} are left: the file is cut short or damaged`,
      offset,
    );
  }

  /**
   * Counts bytes that a parser takes in. In formats whose parts point to each other a small file can name
   * the same bytes millions of times.
   *
   * @throws CheckpointFormatError where that is far more than the extent has
   */
  spend(nbytes: number, offset: number): void {
    this.#spent += nbytes;
    if (this.#spent <= SPENT_SLACK + SPENT_RATIO * this.size) return;
    this.fail('the parts of the file refer to the same bytes again and again', offset);
  }

  async #page(page: number): Promise<Buffer> {
    const held = this.#pages.get(page);
    if (held) {
      this.#pages.delete(page);
      this.#pages.set(page, held);
      return held;
    }
    const start = page * PAGE_BYTES;
    const length = Math.min(PAGE_BYTES, this.size - start);
    const bytes = length > 0 ? Buffer.from(await this.#source.read(this.base + start, length)) : Buffer.alloc(0);
    this.#pages.set(page, bytes);
    const [oldest] = this.#pages.keys();
    if (this.#pages.size > MAX_PAGES && oldest !== undefined) this.#pages.delete(oldest);
    return bytes;
  }
}
