import type { Cursor } from './cursor.ts';

/** An integer as JavaScript holds it exactly: a bigint where a number would not. */
export function integerOf(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

export function decimalInteger(text: string, cursor: Cursor): number | bigint {
  const trimmed = text.trim();
  if (!/^[+-]?[0-9]{1,10000}$/.test(trimmed)) return cursor.fail(`${JSON.stringify(shown(text))} is no integer`);
  return integerOf(BigInt(trimmed.replace(/^\+/, '')));
}

/** Two's complement, as short as it goes; no bytes are zero. */
export function littleEndianInteger(bytes: Buffer): number | bigint {
  if (bytes.length === 0) return 0;
  if (bytes.length <= 6) return bytes.readIntLE(0, bytes.length);
  const magnitude = BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
  return integerOf(BigInt.asIntN(8 * bytes.length, magnitude));
}

const SPECIAL_FLOATS: ReadonlyMap<string, number> = new Map([
  ['nan', Number.NaN],
  ['-nan', Number.NaN],
  ['inf', Number.POSITIVE_INFINITY],
  ['-inf', Number.NEGATIVE_INFINITY],
]);

export function decimalFloat(text: string, cursor: Cursor): number {
  const trimmed = text.trim();
  const special = SPECIAL_FLOATS.get(trimmed.toLowerCase());
  if (special !== undefined) return special;
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(trimmed)) {
    return cursor.fail(`${JSON.stringify(shown(text))} is no floating-point number`);
  }
  return Number(trimmed);
}

const ESCAPES: ReadonlyMap<string, number> = new Map([
  ['a', 7],
  ['b', 8],
  ['t', 9],
  ['n', 10],
  ['v', 11],
  ['f', 12],
  ['r', 13],
  ['\\', 92],
  ["'", 39],
  ['"', 34],
]);

/** The bytes of a Python 2 string literal, quotes and all. */
export function quotedBytes(line: Buffer, cursor: Cursor): Buffer {
  const literal = line.toString('latin1').trim();
  const quote = literal.charAt(0);
  if (literal.length < 2 || !(quote === "'" || quote === '"') || !literal.endsWith(quote)) {
    return cursor.fail('a string of protocol 0 is not quoted');
  }
  const text = literal
    .slice(1, -1)
    .replace(/\\(?:x([0-9a-fA-F]{2})|([0-7]{1,3})|([\s\S]))/g, (all, hex?: string, octal?: string, one?: string) => {
      const code =
        hex !== undefined
          ? Number.parseInt(hex, 16)
          : octal !== undefined
            ? Number.parseInt(octal, 8) & 0xff
            : undefined;
      const byte = code ?? ESCAPES.get(one ?? '');
      return byte === undefined ? all : String.fromCharCode(byte);
    });
  return Buffer.from(text, 'latin1');
}

/** Python's raw-unicode-escape: characters up to 255 as bytes, others as `\uXXXX` or `\UXXXXXXXX`. */
export function unescapedUnicode(line: Buffer): string {
  return line
    .toString('latin1')
    .replace(/\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g, (all, short?: string, long?: string) => {
      const code = Number.parseInt(short ?? long ?? '', 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : all;
    });
}

function shown(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
