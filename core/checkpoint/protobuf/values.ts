import { readVarint, type Span, WIRE, type WireField } from './wire.ts';
import type { Steps, WireReader } from './wire-reader.ts';

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** More bytes than any name has. */
export const MAX_NAME_BYTES = 65_536;

/** Up to so many bytes it is quicker to look at each than to call the decoder. */
const SHORT_BYTES = 128;

/** The text of a field. @throws CheckpointFormatError where it is no UTF-8 or longer than `limit`. */
export function* textOf(
  reader: WireReader,
  span: Span,
  { what, limit = MAX_NAME_BYTES }: { readonly what: string; readonly limit?: number },
): Steps<string> {
  const length = span.stop - span.start;
  if (length === 0) return '';
  if (length > limit) reader.fail(`${what} has ${length} bytes; more than ${limit} are not read`, span.start);
  const bytes = yield* reader.bytes(span, what);
  if (length <= SHORT_BYTES && isAscii(bytes)) return bytes.toString('latin1');
  try {
    return UTF8.decode(bytes);
  } catch {
    return reader.fail(`${what} is not UTF-8 text`, span.start);
  }
}

function isAscii(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if ((bytes[i] ?? 0) >= 0x80) return false;
  return true;
}

/** The varints of a repeated field: one of its own, or many packed into bytes. */
export function* varintsOf(
  reader: WireReader,
  field: WireField,
  { what, limit }: { readonly what: string; readonly limit: number },
): Steps<number[]> {
  if (field.wire === WIRE.varint) return [field.varint];
  expectBytes(reader, field, what);
  const length = field.stop - field.start;
  if (length > limit * 10) {
    reader.fail(`${what} has ${length} bytes of numbers; at most ${limit} numbers are read`, field.at);
  }
  const packed = yield* reader.bytes(field, what);
  const values: number[] = [];
  for (let at = 0; at < packed.length; ) {
    const varint = readVarint(packed, at) ?? reader.fail(`${what} is damaged: a number has no end`, field.start + at);
    values.push(varint.value);
    at = varint.stop;
  }
  return values;
}

/** @throws CheckpointFormatError where the field is stored otherwise. */
export function expectBytes(reader: WireReader, field: WireField, what: string): WireField {
  if (field.wire === WIRE.bytes) return field;
  return reader.fail(`${what} is damaged: field ${field.number} is no text, message or bytes`, field.at);
}

/** @throws CheckpointFormatError where the field is stored otherwise. */
export function expectVarint(reader: WireReader, field: WireField, what: string): number {
  if (field.wire === WIRE.varint) return field.varint;
  return reader.fail(`${what} is damaged: field ${field.number} is no whole number`, field.at);
}
