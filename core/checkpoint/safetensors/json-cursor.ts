import { hashBytes } from './name-table.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** The reference parser (serde_json) refuses deeper nesting; so no header can exhaust the stack. */
const MAX_DEPTH = 127;

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const ESCAPE_LETTERS = new Set(Buffer.from('"\\/bfnrt'));

/** Reports what is wrong and the byte where it is; never returns. */
export type Fail = (problem: string, offset: number) => never;

/** A run of bytes. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * A strict RFC 8259 reader over UTF-8 bytes that were validated before. It moves over tokens and
 * leaves where they lay in `tokenStart` and `tokenEnd`, because what is to be patched later must be
 * known by its place in the text, which `JSON.parse` does not tell.
 */
export class JsonCursor {
  readonly bytes: Buffer;
  readonly end: number;
  position: number;
  tokenStart = 0;
  tokenEnd = 0;
  /** Whether the last string holds escapes. */
  private escaped = false;
  private readonly fail: Fail;

  constructor(bytes: Uint8Array, range: Span, fail: Fail) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.position = range.start;
    this.end = range.end;
    this.fail = fail;
  }

  /** The next byte that is no whitespace, not consumed; −1 at the end. */
  peek(): number {
    const { bytes, end } = this;
    let at = this.position;
    while (at < end) {
      const byte = bytes[at];
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
      at++;
    }
    this.position = at;
    return at < end ? (bytes[at] ?? -1) : -1;
  }

  /** Consumes `{` and answers whether a member follows; an empty object is consumed whole. */
  enterObject(what: string): boolean {
    if (this.peek() !== OPEN_BRACE) this.unexpected(`${what} must be a JSON object ({…})`);
    this.position++;
    if (this.peek() !== CLOSE_BRACE) return true;
    this.position++;
    return false;
  }

  /** After a member: consumes `,` and answers true, or consumes `}` and answers false. */
  nextMember(what: string): boolean {
    return this.next(CLOSE_BRACE, '}', what);
  }

  enterArray(what: string): boolean {
    if (this.peek() !== OPEN_BRACKET) this.unexpected(`${what} must be a JSON array ([…])`);
    this.position++;
    if (this.peek() !== CLOSE_BRACKET) return true;
    this.position++;
    return false;
  }

  nextItem(what: string): boolean {
    return this.next(CLOSE_BRACKET, ']', what);
  }

  /** Moves over a member's key and colon; the token is the key with its quotes. */
  key(what: string): void {
    if (this.peek() !== QUOTE) this.unexpected(`a key in double quotes must follow in ${what}`);
    this.string(what);
    const { tokenStart, tokenEnd } = this;
    if (this.peek() !== COLON) this.unexpected(`a colon must follow the key in ${what}`);
    this.position++;
    this.tokenStart = tokenStart;
    this.tokenEnd = tokenEnd;
  }

  /** Moves over a string; the token includes the quotes. */
  string(what: string): void {
    if (this.peek() !== QUOTE) this.unexpected(`${what} must be a string`);
    const { bytes, end } = this;
    this.tokenStart = this.position;
    this.escaped = false;
    let at = this.position + 1;
    while (at < end) {
      const byte = bytes[at] ?? 0;
      if (byte === QUOTE) {
        this.position = at + 1;
        this.tokenEnd = at + 1;
        return;
      }
      if (byte < 0x20) this.fail('a control character stands unescaped in a string', at);
      at = byte === BACKSLASH ? this.escape(at) : at + 1;
    }
    this.fail('a string is not closed', this.tokenStart);
  }

  /** The text of the last string or key. */
  text(): string {
    return this.escaped ? this.unescape() : this.bytes.toString('utf8', this.tokenStart + 1, this.tokenEnd - 1);
  }

  /** `hashBytes` of the UTF-8 of that text. */
  textHash(): number {
    if (!this.escaped) return hashBytes(this.bytes, this.tokenStart + 1, this.tokenEnd - 1);
    const bytes = Buffer.from(this.unescape());
    return hashBytes(bytes, 0, bytes.length);
  }

  /** Whether the last token is exactly these bytes; much cheaper than its text. */
  tokenIs(expected: Uint8Array): boolean {
    const { bytes, tokenStart } = this;
    if (this.tokenEnd - tokenStart !== expected.length) return false;
    for (let i = 0; i < expected.length; i++) if (bytes[tokenStart + i] !== expected[i]) return false;
    return true;
  }

  get tokenHasEscapes(): boolean {
    return this.escaped;
  }

  /** Moves over exactly these bytes where they follow; answers whether they did. */
  skip(expected: Uint8Array): boolean {
    const { bytes, position } = this;
    if (expected.length === 0 || position + expected.length > this.end) return false;
    for (let i = 0; i < expected.length; i++) if (bytes[position + i] !== expected[i]) return false;
    this.position += expected.length;
    return true;
  }

  /** Moves over a non-negative whole number. Above 2^53 − 1 it fails, as `what` could not be exact. */
  count(what: string): number {
    const first = this.peek();
    const start = this.position;
    const { bytes, end } = this;
    let value = 0;
    let at = start;
    for (let byte = first; byte >= 0x30 && byte <= 0x39; byte = at < end ? (bytes[at] ?? -1) : -1) {
      value = value * 10 + (byte - 0x30);
      at++;
    }
    const after = at < end ? (bytes[at] ?? -1) : -1;
    const wellFormed = at > start && !(first === 0x30 && at > start + 1);
    if (!wellFormed || after === 0x2e || after === 0x45 || after === 0x65) this.notACount(what);
    if (value > Number.MAX_SAFE_INTEGER) {
      const digits = bytes.toString('latin1', start, Math.min(at, start + 40));
      this.fail(`${what} holds ${digits}, more than 2^53 − 1 and than any file`, start);
    }
    this.position = at;
    return value;
  }

  /** Moves over a value of any kind; the token is all of it. */
  value(what: string, depth = 2): void {
    const first = this.peek();
    const start = this.position;
    if (depth > MAX_DEPTH) this.fail(`${what} is nested more than ${MAX_DEPTH} deep`, start);
    if (first === QUOTE) this.checkedString(what);
    else if (first === OPEN_BRACE) this.object(what, depth);
    else if (first === OPEN_BRACKET) this.array(what, depth);
    else this.literal(what);
    this.tokenStart = start;
    this.tokenEnd = this.position;
  }

  /** Fails at the current byte, saying what stands there. */
  unexpected(expected: string): never {
    const byte = this.peek();
    const found = byte < 0 ? 'the text ends here' : `${describeByte(byte)} stands here`;
    return this.fail(`${expected}; ${found}`, this.position);
  }

  private next(close: number, closeText: string, what: string): boolean {
    const byte = this.peek();
    if (byte !== COMMA && byte !== close) this.unexpected(`a comma or ${closeText} must follow in ${what}`);
    this.position++;
    return byte === COMMA;
  }

  private object(what: string, depth: number): void {
    if (!this.enterObject(what)) return;
    do {
      this.key(what);
      if (this.escaped) this.unescape();
      this.value(what, depth + 1);
    } while (this.nextMember(what));
  }

  private checkedString(what: string): void {
    this.string(what);
    if (this.escaped) this.unescape();
  }

  private array(what: string, depth: number): void {
    if (!this.enterArray(what)) return;
    do this.value(what, depth + 1);
    while (this.nextItem(what));
  }

  private literal(what: string): void {
    const start = this.position;
    let at = start;
    while (at < this.end && isLiteralByte(this.bytes[at] ?? 0)) at++;
    const text = this.bytes.toString('latin1', start, at);
    const known = text === 'true' || text === 'false' || text === 'null';
    if (!known && !NUMBER.test(text)) this.unexpected(`a JSON value must follow in ${what}`);
    if (!known && !Number.isFinite(Number(text))) this.fail(`a number in ${what} is out of range`, start);
    this.position = at;
  }

  private escape(at: number): number {
    this.escaped = true;
    const letter = this.bytes[at + 1] ?? 0;
    if (at + 1 < this.end && ESCAPE_LETTERS.has(letter)) return at + 2;
    const digits = this.bytes.toString('latin1', at + 2, Math.min(at + 6, this.end));
    if (letter !== 0x75 || !/^[0-9a-fA-F]{4}$/.test(digits)) this.fail('a string holds a malformed escape', at);
    return at + 6;
  }

  private unescape(): string {
    const text: unknown = JSON.parse(this.bytes.toString('utf8', this.tokenStart, this.tokenEnd));
    if (typeof text !== 'string' || /\p{Surrogate}/u.test(text)) {
      return this.fail('a string holds half of a surrogate pair, which is no text', this.tokenStart);
    }
    return text;
  }

  private notACount(what: string): never {
    const { bytes, position } = this;
    let at = position;
    while (at < this.end && isLiteralByte(bytes[at] ?? 0) && at < position + 40) at++;
    const found = at > position ? bytes.toString('latin1', position, at) : null;
    if (found === null || !/^[-\d]/.test(found)) this.unexpected(`${what} must hold whole numbers`);
    const reason = bytes[position] === MINUS ? 'negative' : 'no whole number as JSON writes one';
    return this.fail(`${what} holds ${found}, which is ${reason}`, position);
  }
}

function isLiteralByte(byte: number): boolean {
  const letter = byte | 0x20;
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    (letter >= 0x61 && letter <= 0x7a) ||
    byte === MINUS ||
    byte === 0x2b ||
    byte === 0x2e
  );
}

/** How a message shows a byte: the character where it has one that can be seen. */
export function describeByte(byte: number): string {
  return byte > 0x20 && byte < 0x7f ? `"${String.fromCharCode(byte)}"` : `byte 0x${byte.toString(16).padStart(2, '0')}`;
}
