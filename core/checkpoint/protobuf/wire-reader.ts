import { CheckpointFormatError } from '../../errors.ts';
import type { ByteSource } from '../byte-source.ts';
import { Turns } from '../turns.ts';
import { readVarint, type Span, WIRE, type WireField } from './wire.ts';

/** Bytes that a parser cannot go on without. */
export interface Need {
  readonly at: number;
  readonly nbytes: number;
}

/**
 * A parser that stops where it needs bytes that are not at hand, and every so often for others: millions of
 * fields then cost no promise each.
 */
export type Steps<T> = Generator<Need, T, void>;

/** A tag of at most 5 bytes, and a varint of at most 10. */
const HEAD_BYTES = 15;
/** Fields after which a parser asks whether others are due. */
const FIELDS_PER_LOOK = 512;
/** What it asks by: it needs no bytes. */
const LOOK: Need = { at: 0, nbytes: 0 };
/** Read where fields follow each other. */
const NEAR_BYTES = 256 * 1024;
/** Read after a jump over values: the rest of a tensor and the head of the next. */
const FAR_BYTES = 4 * 1024;
/** One piece of structure; more is values, which nobody reads through here. */
const MAX_PIECE = 64 * 1024 * 1024;

/** The structure of a file of Protocol Buffers, read by windows as its messages are walked. */
export class WireReader {
  readonly name: string;
  readonly size: number;
  readonly #source: ByteSource;
  #window = Buffer.alloc(0);
  #start = 0;
  #walked = 0;

  constructor(source: ByteSource) {
    this.name = source.name;
    this.size = source.size;
    this.#source = source;
  }

  /** @throws CheckpointFormatError always. */
  fail(problem: string, offset: number): never {
    throw new CheckpointFormatError(`${this.name}: ${problem} (byte ${offset} of the file).`, {
      file: this.name,
      offset,
    });
  }

  /** Runs a parser to its end. */
  async run<T>(steps: Steps<T>): Promise<T> {
    const turns = new Turns();
    for (;;) {
      const { done, value } = steps.next();
      if (done) return value;
      if (value !== LOOK) await this.#load(value);
      else if (turns.isDue) await turns.next();
    }
  }

  has(at: number, nbytes: number): boolean {
    return at >= this.#start && at + nbytes <= this.#start + this.#window.length;
  }

  /** The bytes of a span, which must lie in the file. */
  *bytes({ start, stop }: Span, what: string): Steps<Buffer> {
    const nbytes = stop - start;
    if (nbytes > MAX_PIECE) this.fail(`${what} takes ${nbytes} bytes; more than ${MAX_PIECE} are not read`, start);
    if (!this.has(start, nbytes)) yield { at: start, nbytes };
    return this.#window.subarray(start - this.#start, stop - this.#start);
  }

  /**
   * Walks the fields of the message in `span`, without reading what they hold: bytes of any length are
   * stepped over. `what` names the message in errors.
   *
   * @throws CheckpointFormatError where a field is malformed or leaves its message.
   */
  *fields(span: Span, what: string, visit: (field: WireField) => Steps<void> | undefined): Steps<void> {
    let at = span.start;
    while (at < span.stop) {
      if (++this.#walked % FIELDS_PER_LOOK === 0) yield LOOK;
      const nbytes = Math.min(HEAD_BYTES, span.stop - at);
      if (!this.has(at, nbytes)) yield { at, nbytes };
      const field = this.#field(at, span.stop, what);
      const inner = visit(field);
      if (inner) yield* inner;
      at = field.stop;
    }
  }

  async #load({ at, nbytes }: Need): Promise<void> {
    const isNear = at >= this.#start && at <= this.#start + this.#window.length;
    const length = Math.min(Math.max(nbytes, isNear ? NEAR_BYTES : FAR_BYTES), this.size - at);
    this.#window = Buffer.from(await this.#source.read(at, length));
    this.#start = at;
  }

  #field(at: number, limit: number, what: string): WireField {
    const window = this.#window;
    const base = this.#start;
    const tag = readVarint(window, at - base);
    if (!tag || base + tag.stop > limit) return this.fail(`${what} is cut short or damaged: no field begins here`, at);
    const number = Math.floor(tag.value / 8);
    if (number <= 0 || tag.value > 0xffffffff) this.fail(`${what} is damaged: there is no field ${number}`, at);
    const start = base + tag.stop;
    const wire = tag.value % 8;
    if (wire === WIRE.fixed64)
      return this.#inside({ number, wire, at, start, stop: start + 8, varint: 0 }, limit, what);
    if (wire === WIRE.fixed32)
      return this.#inside({ number, wire, at, start, stop: start + 4, varint: 0 }, limit, what);
    if (wire !== WIRE.varint && wire !== WIRE.bytes) {
      return this.fail(`${what} is damaged: field ${number} is stored in a way that no format uses`, at);
    }
    const varint = readVarint(window, tag.stop);
    if (!varint || base + varint.stop > limit) return this.fail(`${what} is damaged: a number has no end`, start);
    const stop = base + varint.stop;
    if (wire === WIRE.varint) return { number, wire, at, start, stop, varint: varint.value };
    const end = varint.value < 0 ? Number.POSITIVE_INFINITY : stop + varint.value;
    return this.#inside({ number, wire, at, start: stop, stop: end, varint: 0 }, limit, what);
  }

  #inside(field: WireField, limit: number, what: string): WireField {
    if (field.stop <= limit) return field;
    return this.fail(
      `${what} is cut short or damaged: its field ${field.number} should take ${field.stop - field.start} bytes, ` +
        `but ${limit - field.start} are left`,
      field.at,
    );
  }
}
