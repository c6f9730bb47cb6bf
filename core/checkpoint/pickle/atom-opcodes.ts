import type { Cursor } from './cursor.ts';
import type { Handlers } from './handlers.ts';
import { INLINE_BYTES, MAX_INTEGER } from './limits.ts';
import { OP } from './opcodes.ts';
import type { PickleState } from './state.ts';
import { decimalFloat, decimalInteger, littleEndianInteger, quotedBytes, unescapedUnicode } from './text.ts';
import { PickleBytes, PickleFloat, PickleString, type PickleValue } from './values.ts';

/** Opcodes that put a plain value on the stack. */
export const ATOM_HANDLERS: Handlers = [
  [OP.NONE, (state) => state.push(null)],
  [OP.NEWTRUE, (state) => state.push(true)],
  [OP.NEWFALSE, (state) => state.push(false)],
  [OP.INT, (state, cursor) => state.push(integerLine(cursor))],
  [OP.BININT, (state, cursor) => state.push(cursor.int32())],
  [OP.BININT1, (state, cursor) => state.push(cursor.byte())],
  [OP.BININT2, (state, cursor) => state.push(cursor.uint16())],
  [OP.LONG, (state, cursor) => pushInteger(state, longLine(cursor))],
  [OP.LONG1, (state, cursor) => pushInteger(state, littleEndianInteger(cursor.view(cursor.byte())))],
  [OP.LONG4, (state, cursor) => pushInteger(state, littleEndianInteger(cursor.view(integerLength(cursor))))],
  [OP.FLOAT, (state, cursor) => pushFloat(state, decimalFloat(cursor.line().toString('latin1'), cursor))],
  [OP.BINFLOAT, (state, cursor) => pushFloat(state, cursor.float64BE())],
  [OP.STRING, (state, cursor) => pushLine(state, cursor, (line) => eightBitText(quotedBytes(line, cursor)))],
  [OP.UNICODE, (state, cursor) => pushLine(state, cursor, unescapedUnicode)],
  [OP.BINSTRING, (state, cursor) => pushString(state, 'bytes', positive(cursor, cursor.int32()))],
  [OP.SHORT_BINSTRING, (state, cursor) => pushString(state, 'bytes', cursor.byte())],
  [OP.SHORT_BINUNICODE, (state, cursor) => pushString(state, 'utf8', cursor.byte())],
  [OP.BINUNICODE, (state, cursor) => pushString(state, 'utf8', cursor.uint32())],
  [OP.BINUNICODE8, (state, cursor) => pushString(state, 'utf8', cursor.length64())],
  [OP.SHORT_BINBYTES, (state, cursor) => pushBytes(state, false, cursor.byte())],
  [OP.BINBYTES, (state, cursor) => pushBytes(state, false, cursor.uint32())],
  [OP.BINBYTES8, (state, cursor) => pushBytes(state, false, cursor.length64())],
  [OP.BYTEARRAY8, (state, cursor) => pushBytes(state, true, cursor.length64())],
];

/** Protocol 0 writes booleans as integers of two digits. */
function integerLine(cursor: Cursor): PickleValue {
  const text = cursor.line().toString('latin1');
  if (text === '01') return true;
  if (text === '00') return false;
  return decimalInteger(text, cursor);
}

function longLine(cursor: Cursor): number | bigint {
  return decimalInteger(cursor.line().toString('latin1').replace(/L$/, ''), cursor);
}

function integerLength(cursor: Cursor): number {
  const nbytes = positive(cursor, cursor.int32());
  if (nbytes > MAX_INTEGER) cursor.fail(`an integer takes ${nbytes} bytes; more than ${MAX_INTEGER} are not read`);
  return nbytes;
}

function positive(cursor: Cursor, length: number): number {
  return length < 0 ? cursor.fail(`a length of ${length} bytes is negative`) : length;
}

function pushInteger(state: PickleState, value: number | bigint): void {
  if (typeof value === 'bigint') state.charge(64);
  state.push(value);
}

function pushFloat(state: PickleState, value: number): void {
  state.charge(48);
  state.push(new PickleFloat(value, state.cursor.start));
}

function pushLine(state: PickleState, cursor: Cursor, decode: (line: Buffer) => string): void {
  const offset = cursor.position;
  const line = cursor.line();
  const text = decode(line);
  state.charge(96 + 2 * text.length);
  state.push(new PickleString(text, 'escaped', cursor.start, { offset, nbytes: line.length }));
}

function pushString(state: PickleState, encoding: 'utf8' | 'bytes', nbytes: number): void {
  const { cursor } = state;
  const payload = { offset: cursor.position, nbytes };
  let text: string | null = null;
  if (nbytes > INLINE_BYTES) cursor.skip(nbytes);
  else {
    const bytes = cursor.view(nbytes);
    text = encoding === 'utf8' ? bytes.toString('utf8') : eightBitText(bytes);
  }
  state.charge(96 + 2 * (text?.length ?? 0));
  state.push(new PickleString(text, encoding, cursor.start, payload));
}

function pushBytes(state: PickleState, mutable: boolean, nbytes: number): void {
  const { cursor } = state;
  const payload = { offset: cursor.position, nbytes };
  let bytes: Uint8Array | null = null;
  if (nbytes > INLINE_BYTES) cursor.skip(nbytes);
  else bytes = Uint8Array.from(cursor.view(nbytes));
  state.charge(192 + (bytes?.length ?? 0));
  state.push(new PickleBytes(bytes, mutable, cursor.start, payload));
}

/** Python 2's strings have no encoding: UTF-8 where they are that, else a character per byte. */
function eightBitText(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return text.includes('\ufffd') ? bytes.toString('latin1') : text;
}
