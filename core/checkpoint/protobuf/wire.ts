import type { PagedBytes } from '../paged-bytes.ts';

/** Bytes `[start, stop)` of the file. */
export interface Span {
  readonly start: number;
  readonly stop: number;
}

/** The ways in which Protocol Buffers store a field (https://protobuf.dev/programming-guides/encoding). */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** One field of a message. `start` to `stop` is its value: behind the tag, and behind the length of bytes. */
export interface WireField extends Span {
  readonly number: number;
  readonly wire: (typeof WIRE)[keyof typeof WIRE];
  /** Where its tag begins. */
  readonly at: number;
  /** Of a varint its value; 0 of the others. */
  readonly varint: bigint;
}

/** A tag of at most 5 bytes, and a varint of at most 10. */
const HEAD_BYTES = 15;
const MAX_VARINT_BYTES = 10;

export interface Varint {
  readonly value: bigint;
  /** The byte behind it. */
  readonly stop: number;
}

/** The varint at `at`; null where `bytes` ends first or where it has more than 10 bytes. */
export function readVarint(bytes: Uint8Array, at: number): Varint | null {
  let low = 0;
  for (let i = 0; i < 4; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) return null;
    low += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value: BigInt(low), stop: at + i + 1 };
  }
  let value = BigInt(low);
  for (let i = 4; i < MAX_VARINT_BYTES; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) return null;
    value |= BigInt(byte & 0x7f) << BigInt(7 * i);
    if (byte < 0x80) return { value: BigInt.asUintN(64, value), stop: at + i + 1 };
  }
  return null;
}

/**
 * Walks the fields of the message in `span`, without reading what they hold: bytes of any length are
 * stepped over. `what` names the message in errors: "the graph".
 *
 * @throws CheckpointFormatError where a field is malformed or leaves its message.
 */
export async function forEachField(
  bytes: PagedBytes,
  span: Span & { readonly what: string },
  visit: (field: WireField) => Promise<void> | undefined,
): Promise<void> {
  let at = span.start;
  while (at < span.stop) {
    const length = Math.min(HEAD_BYTES, span.stop - at);
    const head = bytes.peek(at, length) ?? (await bytes.bytes(at, length, span.what));
    const field = parseField(bytes, head, { ...span, at });
    const pending = visit(field);
    if (pending) await pending;
    at = field.stop;
  }
}

function parseField(
  bytes: PagedBytes,
  head: Uint8Array,
  { at, stop, what }: { readonly at: number; readonly stop: number; readonly what: string },
): WireField {
  const tag = readVarint(head, 0) ?? bytes.fail(`${what} is cut short or damaged: no field begins here`, at);
  const key = Number(tag.value);
  const number = Math.floor(key / 8);
  if (number === 0 || key > 0xffffffff) bytes.fail(`${what} is damaged: there is no field ${number}`, at);
  const start = at + tag.stop;
  switch (key % 8) {
    case WIRE.varint: {
      const varint = readVarint(head, tag.stop) ?? bytes.fail(`${what} is damaged: a number has no end`, start);
      return { number, wire: WIRE.varint, at, start, stop: at + varint.stop, varint: varint.value };
    }
    case WIRE.fixed64:
      return checked(bytes, { number, wire: WIRE.fixed64, at, start, stop: start + 8, varint: 0n }, { stop, what });
    case WIRE.fixed32:
      return checked(bytes, { number, wire: WIRE.fixed32, at, start, stop: start + 4, varint: 0n }, { stop, what });
    case WIRE.bytes: {
      const length = readVarint(head, tag.stop) ?? bytes.fail(`${what} is damaged: a length has no end`, start);
      const from = at + length.stop;
      const field = { number, wire: WIRE.bytes, at, start: from, stop: from + Number(length.value), varint: 0n };
      return checked(bytes, field, { stop, what });
    }
    default:
      return bytes.fail(`${what} is damaged: field ${number} is stored in a way that no format uses`, at);
  }
}

function checked(bytes: PagedBytes, field: WireField, { stop, what }: { stop: number; what: string }): WireField {
  if (field.stop <= stop) return field;
  return bytes.fail(
    `${what} is cut short or damaged: its field ${field.number} should take ${field.stop - field.start} bytes, ` +
      `but ${stop - field.start} are left`,
    field.at,
  );
}
