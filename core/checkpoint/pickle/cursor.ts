import { malformed } from './fail.ts';
import { MAX_LINE } from './limits.ts';

/** What `Cursor` throws where its window ends within an opcode; `wanted` bytes from the opcode's first would do. */
export class Incomplete {
  readonly wanted: number;

  constructor(wanted: number) {
    this.wanted = wanted;
  }
}

const NEWLINE = 0x0a;

/** Reads a pickle through a window that moves forward over it. Positions count from the pickle's first byte. */
export class Cursor {
  readonly name: string;
  readonly size: number;
  /** Of the opcode that is being read. */
  start = 0;
  #window: Buffer = Buffer.alloc(0);
  #base = 0;
  #at = 0;

  constructor(name: string, size: number) {
    this.name = name;
    this.size = size;
  }

  get position(): number {
    return this.#base + this.#at;
  }

  /** Whether the next opcode lies in the window. */
  get ready(): boolean {
    return this.#at < this.#window.length;
  }

  /** Puts the window over the bytes from `position` on. */
  slide(window: Uint8Array, position: number): void {
    this.#window = Buffer.from(window.buffer, window.byteOffset, window.byteLength);
    this.#base = position;
    this.#at = 0;
  }

  /** Goes back to an opcode that the window cut. */
  rewind(): void {
    this.#at = this.start - this.#base;
  }

  opcode(): number {
    this.start = this.position;
    return this.byte();
  }

  byte(): number {
    return this.#window[this.#take(1)] ?? 0;
  }

  uint16(): number {
    return this.#window.readUInt16LE(this.#take(2));
  }

  int32(): number {
    return this.#window.readInt32LE(this.#take(4));
  }

  uint32(): number {
    return this.#window.readUInt32LE(this.#take(4));
  }

  /** A length or position of 64 bits that must lie within the pickle. */
  length64(): number {
    const value = this.#window.readBigUInt64LE(this.#take(8));
    if (value > BigInt(this.size)) this.fail(`a length of ${value} bytes reaches beyond the end`);
    return Number(value);
  }

  float64BE(): number {
    return this.#window.readDoubleBE(this.#take(8));
  }

  /** A view of the window: it moves on, so what is to stay must be copied. */
  view(nbytes: number): Buffer {
    this.#within(nbytes);
    const at = this.#take(nbytes);
    return this.#window.subarray(at, at + nbytes);
  }

  /** Steps over bytes that need not lie in the window. */
  skip(nbytes: number): void {
    this.#within(nbytes);
    this.#at += nbytes;
  }

  /** The bytes up to the next line feed, which is stepped over. */
  line(): Buffer {
    const end = this.#window.indexOf(NEWLINE, this.#at);
    if (end < 0) {
      const seen = this.#window.length - this.#at;
      if (seen > MAX_LINE) this.fail(`a line is longer than ${MAX_LINE} bytes`);
      if (this.#base + this.#window.length >= this.size) this.fail('it ends within a line: it is cut short');
      throw new Incomplete(this.#base + this.#window.length - this.start + MAX_LINE);
    }
    const line = this.#window.subarray(this.#at, end);
    this.#at = end + 1;
    return line;
  }

  /** For whoever finds that there are no more bytes to read. */
  exhausted(): never {
    this.start = this.position;
    return this.fail('it ends before its STOP: it is cut short');
  }

  fail(problem: string): never {
    return malformed({ name: this.name, offset: this.start }, problem);
  }

  #within(nbytes: number): void {
    if (this.position + nbytes > this.size) {
      this.fail(`a value of ${nbytes} bytes reaches beyond the end: the pickle is cut short or damaged`);
    }
  }

  #take(nbytes: number): number {
    const at = this.#at;
    if (at + nbytes > this.#window.length) {
      if (this.#base + at + nbytes > this.size) this.fail('it ends before its STOP: it is cut short');
      throw new Incomplete(this.#base + at + nbytes - this.start);
    }
    this.#at = at + nbytes;
    return at;
  }
}
