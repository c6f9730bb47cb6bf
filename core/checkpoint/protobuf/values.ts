import type { PagedBytes } from '../paged-bytes.ts';
import { readVarint, type Span, WIRE, type WireField } from './wire.ts';

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** More bytes than any name has. */
export const MAX_NAME_BYTES = 65_536;

/** The text of a field. @throws CheckpointFormatError where it is no UTF-8 or longer than `limit`. */
export async function textOf(
  bytes: PagedBytes,
  { start, stop }: Span,
  { what, limit = MAX_NAME_BYTES }: { readonly what: string; readonly limit?: number },
): Promise<string> {
  const length = stop - start;
  if (length > limit) bytes.fail(`${what} has ${length} bytes; more than ${limit} are not read`, start);
  const text = bytes.peek(start, length) ?? (await bytes.bytes(start, length, what));
  try {
    return UTF8.decode(text);
  } catch {
    return bytes.fail(`${what} is not UTF-8 text`, start);
  }
}

/** The varints of a repeated field: one of its own, or many packed into bytes. */
export async function varintsOf(
  bytes: PagedBytes,
  field: WireField,
  { what, limit }: { readonly what: string; readonly limit: number },
): Promise<bigint[]> {
  if (field.wire === WIRE.varint) return [field.varint];
  if (field.wire !== WIRE.bytes) bytes.fail(`${what} is damaged: no whole numbers are there`, field.at);
  const length = field.stop - field.start;
  if (length > limit * 10)
    bytes.fail(`${what} has ${length} bytes of numbers; at most ${limit} numbers are read`, field.at);
  const packed = await bytes.bytes(field.start, length, what);
  const values: bigint[] = [];
  for (let at = 0; at < packed.length; ) {
    const varint = readVarint(packed, at) ?? bytes.fail(`${what} is damaged: a number has no end`, field.start + at);
    values.push(varint.value);
    at = varint.stop;
  }
  return values;
}

/** A varint as the signed number that `int64` and `int32` fields mean. */
export function signed(varint: bigint): bigint {
  return BigInt.asIntN(64, varint);
}

/** A varint as a number for people and enumerations; exact below 2^53. */
export function small(varint: bigint): number {
  return Number(signed(varint));
}
