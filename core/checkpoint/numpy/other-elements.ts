import type { NpyType } from './npy-type.ts';

/** Elements that are shown of an array that is no tensor. */
const SHOWN = 64;
const MAX_TEXT = 4096;

/** Milliseconds of the units of datetime64 that have a fixed length. */
const UNITS: Readonly<Record<string, number>> = { D: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 };
/** And those that are shorter, per millisecond. */
const FRACTIONS: Readonly<Record<string, bigint>> = { us: 1000n, ns: 1_000_000n };
const UTC_LIMIT = 8.64e15;

/** The first elements for people: texts quoted, dates as ISO writes them, others as hexadecimal. */
export function elementsText(type: NpyType, bytes: Buffer): string {
  const { itemsize } = type;
  const there = itemsize === 0 ? 0 : Math.floor(bytes.length / itemsize);
  const texts: string[] = [];
  for (let i = 0; i < Math.min(there, SHOWN); i++) {
    texts.push(elementText(type, bytes.subarray(i * itemsize, (i + 1) * itemsize)));
  }
  const text = `${texts.join(', ')}${there > SHOWN ? ', …' : ''}`;
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}…` : text;
}

function elementText(type: NpyType, bytes: Buffer): string {
  if (type.kind !== 'other') return `0x${bytes.toString('hex')}`;
  switch (type.code) {
    case 'S':
    case 'a':
      return JSON.stringify(bytes.toString('latin1').replace(/\0+$/, ''));
    case 'U':
      return JSON.stringify(utf32Text(bytes, type.bigEndian));
    case 'M':
      return dateText(type.bigEndian ? bytes.readBigInt64BE() : bytes.readBigInt64LE(), type.name);
    case 'm':
      return String(type.bigEndian ? bytes.readBigInt64BE() : bytes.readBigInt64LE());
    default:
      return `0x${bytes.toString('hex')}`;
  }
}

function utf32Text(bytes: Buffer, bigEndian: boolean): string {
  let text = '';
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    const code = bigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at);
    if (code === 0) break;
    text += code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
  }
  return text;
}

function dateText(value: bigint, name: string): string {
  const unit = /\[(\w+)\]$/.exec(name)?.[1] ?? '';
  const fraction = FRACTIONS[unit];
  const length = UNITS[unit];
  const milliseconds = fraction ? Number(value / fraction) : length ? Number(value) * length : Number.NaN;
  if (!(Math.abs(milliseconds) <= UTC_LIMIT)) return value === -(2n ** 63n) ? 'NaT' : String(value);
  return new Date(milliseconds).toISOString();
}
