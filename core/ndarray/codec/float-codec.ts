import type { DType } from '../dtype.ts';
import { isSmallFloat } from '../float-format.ts';
import { type ByteFloat, narrowTable, widenTable } from './float-tables.ts';

/**
 * Bulk conversion between the codes of the 8- and 16-bit floats and float32, as bits, so that NaN
 * payloads pass unharmed. Loops over elements: for device workers only.
 */

export function isByteFloat(dtype: DType): dtype is ByteFloat {
  return isSmallFloat(dtype) && dtype !== 'float4_e2m1fn' && dtype !== 'f6_e2m3' && dtype !== 'f6_e3m2';
}

/** Exact. `bits` takes as many elements as `codes` has. */
export function widenFloats(dtype: ByteFloat, codes: Uint8Array | Uint16Array, bits: Uint32Array): void {
  if (dtype === 'bfloat16') {
    for (let i = 0; i < codes.length; i++) bits[i] = (codes[i] ?? 0) << 16;
    return;
  }
  const table = widenTable(dtype);
  for (let i = 0; i < codes.length; i++) bits[i] = table[codes[i] ?? 0] ?? 0;
}

/** Rounds to nearest, ties to even; overflow as `encodeFloat`. */
export function narrowFloats(dtype: ByteFloat, bits: Uint32Array, codes: Uint8Array | Uint16Array): void {
  switch (dtype) {
    case 'float16':
      for (let i = 0; i < codes.length; i++) codes[i] = narrowToFloat16(bits[i] ?? 0);
      return;
    case 'bfloat16':
      for (let i = 0; i < codes.length; i++) codes[i] = narrowToBFloat16(bits[i] ?? 0);
      return;
    default:
      narrowToBytes(narrowTable(dtype), bits, codes);
  }
}

/** Replaces every element by the nearest that `dtype` has. */
export function roundFloats(dtype: ByteFloat, bits: Uint32Array): void {
  const codes = new Uint16Array(Math.min(bits.length, 16_384));
  for (let start = 0; start < bits.length; start += codes.length) {
    const piece = bits.subarray(start, start + codes.length);
    const pieceCodes = codes.subarray(0, piece.length);
    narrowFloats(dtype, piece, pieceCodes);
    widenFloats(dtype, pieceCodes, piece);
  }
}

function narrowToBytes(table: Uint8Array, bits: Uint32Array, codes: Uint8Array | Uint16Array): void {
  for (let i = 0; i < codes.length; i++) {
    const element = bits[i] ?? 0;
    const sticky = (element & 0xffff) === 0 ? 0 : 1;
    codes[i] = table[(element >>> 16) | sticky] ?? 0;
  }
}

function narrowToBFloat16(bits: number): number {
  const upper = bits >>> 16;
  if ((bits & 0x7fffffff) > 0x7f800000) return (upper & 0x7f) === 0 ? upper | 0x40 : upper;
  return (bits + 0x7fff + (upper & 1)) >>> 16;
}

function narrowToFloat16(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) {
    const payload = (magnitude >>> 13) & 0x3ff;
    return sign | 0x7c00 | (payload === 0 ? 0x200 : payload);
  }
  // From 65520 on, halfway above the largest float16, everything rounds to infinity.
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  const exponent = magnitude >>> 23;
  if (exponent >= 113) return sign | ((magnitude - (112 << 23) + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
  // Subnormal in float16: below 2^-25 everything rounds to zero.
  if (exponent < 102) return sign;
  const significand = (magnitude & 0x7fffff) | 0x800000;
  const shift = 126 - exponent;
  const half = 2 ** (shift - 1);
  return sign | ((significand + half - 1 + ((significand >>> shift) & 1)) >>> shift);
}
