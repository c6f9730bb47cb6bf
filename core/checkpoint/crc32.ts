import { crc32 } from 'node:zlib';

/** The polynomial of CRC-32 (ISO 3309, as zip and gzip have it), bits reversed. */
const POLYNOMIAL = 0xedb88320;
const ONE = 0x80000000;

/**
 * The checksum of bytes of which one run became other bytes: CRC-32 is linear, so that the difference of the
 * checksums of the two runs, carried over the `trailing` bytes behind them, is that of the whole. The cost
 * is that of the run.
 */
export function crc32AfterChange(
  former: number,
  { before, after, trailing }: { readonly before: Uint8Array; readonly after: Uint8Array; readonly trailing: number },
): number {
  return (former ^ overZeros((crc32(before) ^ crc32(after)) >>> 0, trailing)) >>> 0;
}

/** What a difference of checksums becomes over `count` more bytes that are the same on both sides. */
function overZeros(difference: number, count: number): number {
  return difference === 0 ? 0 : multiply(powerOfX(count), difference);
}

/** `x ** (8 * count)` modulo the polynomial. */
function powerOfX(count: number): number {
  let square = 0x800000;
  let power = ONE;
  for (let rest = count; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) power = multiply(square, power);
    square = multiply(square, square);
  }
  return power;
}

/** The product of two polynomials over GF(2), modulo the one of the checksum; the highest bit is `x ** 0`. */
function multiply(a: number, b: number): number {
  let product = 0;
  let shifted = b;
  for (let bit = ONE; bit !== 0; bit >>>= 1) {
    if (a & bit) product ^= shifted;
    shifted = shifted & 1 ? (shifted >>> 1) ^ POLYNOMIAL : shifted >>> 1;
  }
  return product >>> 0;
}
