import { isUtf8 } from 'node:buffer';
import type { PagedBytes } from '../paged-bytes.ts';

/** The longest head of a value: the mark and a number of 8 bytes, or of an extension a length and a type. */
const MAX_HEAD = 9;

/** Keys are names of layers and fields. */
const MAX_KEY = 64 * 1024;

export interface Payload {
  /** Where the bytes lie, after length and type. */
  readonly start: number;
  readonly nbytes: number;
}

/** One value as MessagePack's head tells of it; strings, bytes and extensions stay in the file. */
export type Token =
  | { readonly kind: 'nil'; readonly offset: number }
  | { readonly kind: 'boolean'; readonly offset: number; readonly value: boolean }
  | { readonly kind: 'integer'; readonly offset: number; readonly value: bigint }
  | { readonly kind: 'float'; readonly offset: number; readonly value: number }
  | ({ readonly kind: 'string' | 'bytes'; readonly offset: number } & Payload)
  | ({ readonly kind: 'extension'; readonly offset: number; readonly type: number } & Payload)
  | { readonly kind: 'array' | 'map'; readonly offset: number; readonly count: number };

/** Marks above the small forms: how many bytes of length or value follow. */
const WIDTHS: Readonly<Record<number, number>> = {
  196: 1,
  197: 2,
  198: 4,
  199: 1,
  200: 2,
  201: 4,
  202: 4,
  203: 8,
  204: 1,
  205: 2,
  206: 4,
  207: 8,
  208: 1,
  209: 2,
  210: 4,
  211: 8,
  217: 1,
  218: 2,
  219: 4,
  220: 2,
  221: 4,
  222: 2,
  223: 4,
};

/**
 * Reads MessagePack (the specification at github.com/msgpack/msgpack) one head after another. What a head
 * announces must fit in what is left of its extent.
 */
export class MsgPackReader {
  readonly bytes: PagedBytes;
  readonly end: number;
  position: number;

  constructor(bytes: PagedBytes, { start, nbytes }: Payload = { start: 0, nbytes: bytes.size }) {
    this.bytes = bytes;
    this.position = start;
    this.end = start + nbytes;
  }

  /** The next value; the position is then after its head, or after all of it where it has bytes. */
  async next(what: string): Promise<Token> {
    const offset = this.position;
    if (offset >= this.end) this.bytes.fail(`${what} is missing: the file is cut short`, offset);
    const nbytes = Math.min(MAX_HEAD, this.end - offset);
    const head = this.bytes.peek(offset, nbytes) ?? (await this.bytes.bytes(offset, nbytes, what));
    const mark = head[0] ?? 0;
    if (mark <= 0x7f) return this.#advance(1, { kind: 'integer', offset, value: BigInt(mark) });
    if (mark >= 0xe0) return this.#advance(1, { kind: 'integer', offset, value: BigInt(mark - 256) });
    if (mark <= 0x8f) return this.#container('map', mark & 0x0f, 1);
    if (mark <= 0x9f) return this.#container('array', mark & 0x0f, 1);
    if (mark <= 0xbf) return this.#payload('string', mark & 0x1f, 1);
    return this.#marked(mark, head, what);
  }

  /** The text of a key or a name of a dtype. */
  async text(token: Token, what: string): Promise<string> {
    if (token.kind !== 'string' && token.kind !== 'bytes') {
      return this.bytes.fail(`${what} should be a string, not ${article(token.kind)}`, token.offset);
    }
    if (token.nbytes > MAX_KEY)
      this.bytes.fail(`${what} takes ${token.nbytes} bytes; ${MAX_KEY} are read`, token.offset);
    const bytes = await this.bytes.bytes(token.start, token.nbytes, what);
    if (!isUtf8(bytes)) this.bytes.fail(`${what} is not valid UTF-8`, token.start);
    return bytes.toString('utf8');
  }

  #marked(mark: number, head: Buffer, what: string): Token {
    const offset = this.position;
    switch (mark) {
      case 0xc0:
        return this.#advance(1, { kind: 'nil', offset });
      case 0xc2:
      case 0xc3:
        return this.#advance(1, { kind: 'boolean', offset, value: mark === 0xc3 });
      case 0xc1:
        return this.bytes.fail('the byte 0xc1 begins no value of MessagePack', offset);
      default:
    }
    if (mark >= 0xd4 && mark <= 0xd8) return this.#extension(2 ** (mark - 0xd4), 1, head);
    const width = WIDTHS[mark] ?? 0;
    if (1 + width > head.length) return this.bytes.fail(`${what} is cut short`, offset);
    if (mark === 0xca) return this.#advance(5, { kind: 'float', offset, value: head.readFloatBE(1) });
    if (mark === 0xcb) return this.#advance(9, { kind: 'float', offset, value: head.readDoubleBE(1) });
    if (mark >= 0xcc && mark <= 0xd3) {
      return this.#advance(1 + width, { kind: 'integer', offset, value: integer(head, width, mark >= 0xd0) });
    }
    const length = head.readUIntBE(1, width);
    if (mark <= 0xc6) return this.#payload('bytes', length, 1 + width);
    if (mark <= 0xc9) return this.#extension(length, 1 + width, head);
    if (mark <= 0xdb) return this.#payload('string', length, 1 + width);
    return this.#container(mark <= 0xdd ? 'array' : 'map', length, 1 + width);
  }

  #advance(nbytes: number, token: Token): Token {
    this.position += nbytes;
    return token;
  }

  #payload(kind: 'string' | 'bytes', nbytes: number, head: number): Token {
    const offset = this.position;
    const start = offset + head;
    this.#mustFit(nbytes, start, kind === 'string' ? 'a string' : 'a run of bytes');
    this.position = start + nbytes;
    return { kind, offset, start, nbytes };
  }

  #extension(nbytes: number, head: number, bytes: Buffer): Token {
    const offset = this.position;
    const start = offset + head + 1;
    this.#mustFit(nbytes, start, 'an extension');
    this.position = start + nbytes;
    return { kind: 'extension', offset, type: bytes.readInt8(head), start, nbytes };
  }

  #container(kind: 'array' | 'map', count: number, head: number): Token {
    const offset = this.position;
    this.#mustFit(kind === 'map' ? 2 * count : count, offset + head, `a ${kind} of ${count}`);
    this.position = offset + head;
    return { kind, offset, count };
  }

  #mustFit(nbytes: number, start: number, what: string): void {
    if (start + nbytes <= this.end) return;
    const left = Math.max(0, this.end - start);
    this.bytes.fail(
      `${what} needs ${nbytes} bytes, but only ${left} are left: the file is cut short or damaged`,
      start,
    );
  }
}

function integer(head: Buffer, width: number, signed: boolean): bigint {
  if (width === 8) return signed ? head.readBigInt64BE(1) : head.readBigUInt64BE(1);
  return BigInt(signed ? head.readIntBE(1, width) : head.readUIntBE(1, width));
}

function article(kind: string): string {
  return /^[aei]/.test(kind) ? `an ${kind}` : `a ${kind}`;
}
