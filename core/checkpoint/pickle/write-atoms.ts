import { OP } from './opcodes.ts';
import type { PickleOutput } from './output.ts';
import type { Payload, PickleBytes, PickleString } from './values.ts';

export function writeInteger(out: PickleOutput, value: number | bigint): void {
  if (value >= 0 && value < 0x100) {
    out.byte(OP.BININT1);
    out.byte(Number(value));
  } else if (value >= 0 && value < 0x10000) {
    out.byte(OP.BININT2);
    out.uint16(Number(value));
  } else if (value >= -0x80000000 && value < 0x80000000) {
    out.byte(OP.BININT);
    out.int32(Number(value));
  } else writeLong(out, BigInt(value));
}

/** Two's complement, little-endian, as few bytes as hold the sign too. */
function writeLong(out: PickleOutput, value: bigint): void {
  let nbytes = 1;
  while (BigInt.asIntN(8 * nbytes, value) !== value) nbytes++;
  const hex = BigInt.asUintN(8 * nbytes, value)
    .toString(16)
    .padStart(2 * nbytes, '0');
  if (nbytes < 0x100) {
    out.byte(OP.LONG1);
    out.byte(nbytes);
  } else {
    out.byte(OP.LONG4);
    out.int32(nbytes);
  }
  out.bytes(Buffer.from(hex, 'hex').reverse());
}

interface Lengths {
  /** Opcodes by the size of their length field; undefined where the protocol has none. */
  readonly byte: number | undefined;
  readonly word: number;
  readonly wide: number | undefined;
}

/** Writes an 8-bit string of Python 2 as what it was, and every other string as Unicode. */
export function writeString(out: PickleOutput, value: PickleString, protocol: number): void {
  const isBytes = value.encoding === 'bytes';
  const lengths: Lengths = isBytes
    ? { byte: OP.SHORT_BINSTRING, word: OP.BINSTRING, wide: undefined }
    : {
        byte: protocol >= 4 ? OP.SHORT_BINUNICODE : undefined,
        word: OP.BINUNICODE,
        wide: protocol >= 4 ? OP.BINUNICODE8 : undefined,
      };
  writePayload(out, value.text === null ? value : encoded(value.text, value), lengths);
}

export function writeBytes(out: PickleOutput, value: PickleBytes): void {
  const lengths: Lengths = value.mutable
    ? { byte: undefined, word: OP.BYTEARRAY8, wide: OP.BYTEARRAY8 }
    : { byte: OP.SHORT_BINBYTES, word: OP.BINBYTES, wide: OP.BINBYTES8 };
  writePayload(out, value.bytes ?? value, lengths);
}

function writePayload(out: PickleOutput, payload: Uint8Array | Payload, { byte, word, wide }: Lengths): void {
  const nbytes = payload instanceof Uint8Array ? payload.length : payload.nbytes;
  if (byte !== undefined && nbytes < 0x100) {
    out.byte(byte);
    out.byte(nbytes);
  } else if (word !== wide && nbytes <= 0xffffffff) {
    out.byte(word);
    out.uint32(nbytes);
  } else {
    out.byte(wide ?? word);
    out.uint64(nbytes);
  }
  if (payload instanceof Uint8Array) out.bytes(payload);
  else out.copy(payload);
}

/** The bytes of a string: where Python 2's were no UTF-8, each character was one byte. */
function encoded(text: string, { encoding, nbytes }: PickleString): Uint8Array {
  const utf8 = Buffer.from(text, 'utf8');
  return encoding === 'bytes' && utf8.length !== nbytes ? Buffer.from(text, 'latin1') : utf8;
}
