import { decodeFloat, encodeFloat, FLOAT_FORMATS, type SmallFloat } from '../float-format.ts';

/** The small floats whose elements are whole bytes. */
export type ByteFloat = Exclude<SmallFloat, 'float4_e2m1fn' | 'f6_e2m3' | 'f6_e3m2'>;

const EXPONENT = 0x7f800000;

function memoized<V>(make: (dtype: ByteFloat) => V): (dtype: ByteFloat) => V {
  const made = new Map<ByteFloat, V>();
  return (dtype) => {
    const known = made.get(dtype);
    if (known !== undefined) return known;
    const value = make(dtype);
    made.set(dtype, value);
    return value;
  };
}

/** The float32 bits of every code. NaNs keep sign and payload, so that narrowing them gives the same code again. */
export const widenTable = memoized((dtype: ByteFloat): Uint32Array => {
  const format = FLOAT_FORMATS[dtype];
  const magnitudeBits = format.exponentBits + format.mantissaBits;
  const codes = 2 ** (format.specials === 'scale' ? magnitudeBits : magnitudeBits + 1);
  const bits = new Uint32Array(codes);
  const values = new Float32Array(bits.buffer);
  for (let code = 0; code < codes; code++) {
    const value = decodeFloat(format, code);
    if (!Number.isNaN(value)) {
      values[code] = value;
      continue;
    }
    const sign = format.specials === 'scale' ? 0 : (code >>> magnitudeBits) << 31;
    const fraction = code & (2 ** format.mantissaBits - 1);
    const payload = format.specials === 'ieee' ? fraction << (23 - format.mantissaBits) : 0x400000;
    bits[code] = sign | EXPONENT | payload;
  }
  return bits;
});

/**
 * The 8-bit code for every upper half of float32 bits. Sixteen bits are enough for one rounding to a
 * format of at most four significant bits where the lower half is folded into the last one, set when
 * any of it is ("round to odd", Boldo and Melquiond 2005).
 */
export const narrowTable = memoized((dtype: ByteFloat): Uint8Array => {
  const format = FLOAT_FORMATS[dtype];
  const codes = new Uint8Array(65_536);
  const bits = new Uint32Array(1);
  const value = new Float32Array(bits.buffer);
  for (let upper = 0; upper < 65_536; upper++) {
    bits[0] = upper << 16;
    const number = value[0] ?? 0;
    codes[upper] = Number.isNaN(number) ? nanCode(dtype, upper) : encodeFloat(format, number);
  }
  return codes;
});

/** A NaN's code with the sign and as much of the payload as the format has room for. */
function nanCode(dtype: ByteFloat, upper: number): number {
  const format = FLOAT_FORMATS[dtype];
  const quiet = encodeFloat(format, Number.NaN);
  const sign = (upper >>> 15) << (format.exponentBits + format.mantissaBits);
  if (format.specials === 'fn') return quiet | sign;
  if (format.specials !== 'ieee') return quiet;
  const infinity = encodeFloat(format, Number.POSITIVE_INFINITY);
  const payload = (upper & 0x7f) >>> (7 - format.mantissaBits);
  return sign | (payload === 0 ? quiet : infinity | payload);
}
