/** Bytes `[start, stop)` of the file. */
export interface Span {
  readonly start: number;
  readonly stop: number;
}

/** The ways in which Protocol Buffers store a field (https://protobuf.dev/programming-guides/encoding). */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

export type WireType = (typeof WIRE)[keyof typeof WIRE];

/** One field of a message. `start` to `stop` is its value: behind the tag, and behind the length of bytes. */
export interface WireField extends Span {
  readonly number: number;
  readonly wire: WireType;
  /** Where its tag begins. */
  readonly at: number;
  /** Of a varint its value as int64, exact up to 2^53 either way; 0 of the others. */
  readonly varint: number;
}

export interface Varint {
  /** As int64, exact up to 2^53 either way. */
  readonly value: number;
  /** The byte behind it. */
  readonly stop: number;
}

const MAX_VARINT_BYTES = 10;

/** The varint at `at`; null where `bytes` ends first or where it has more than 10 bytes. */
export function readVarint(bytes: Uint8Array, at: number): Varint | null {
  const first = bytes[at];
  if (first === undefined) return null;
  if (first < 0x80) return { value: first, stop: at + 1 };
  let [low, high] = [first & 0x7f, 0];
  for (let i = 1; i < MAX_VARINT_BYTES; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) return null;
    const bits = byte & 0x7f;
    if (i < 4) low |= bits << (7 * i);
    else if (i === 4) {
      low |= bits << 28;
      high = bits >>> 4;
    } else high |= bits << (7 * i - 32);
    if (byte < 0x80) return { value: high * 2 ** 32 + (low >>> 0), stop: at + i + 1 };
  }
  return null;
}

/** The bytes of a varint of a number that is not negative. */
export function encodeVarint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}
