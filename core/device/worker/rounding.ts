/**
 * Rounding "to odd" (Boldo and Melquiond 2005): an inexact result is cut off and its last bit set.
 * Rounding that again to nearest in a format at least two bits shorter equals one rounding of the
 * original, which rounding twice to nearest does not.
 */

const floatBits = new Uint32Array(1);
const float = new Float32Array(floatBits.buffer);
const doubleBits = new BigUint64Array(1);
const double = new Float64Array(doubleBits.buffer);

/** The float32 bits of `value`, rounded to odd. */
export function oddFloat32Bits(value: number): number {
  float[0] = value;
  const rounded = float[0] ?? 0;
  const bits = floatBits[0] ?? 0;
  if (rounded === value || Number.isNaN(value)) return bits;
  return (Math.abs(rounded) > Math.abs(value) ? bits - 1 : bits) | 1;
}

/** The float64 of `value`, rounded to odd. */
export function oddNumber(value: bigint): number {
  const rounded = Number(value);
  const exact = BigInt(rounded);
  if (exact === value) return rounded;
  double[0] = rounded;
  const bits = doubleBits[0] ?? 0n;
  doubleBits[0] = (absolute(exact) > absolute(value) ? bits - 1n : bits) | 1n;
  return double[0] ?? 0;
}

export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

/** `sum / count` rounded to the nearest integer, ties to even. */
export function divideHalfEven(sum: bigint, count: bigint): bigint {
  let quotient = sum / count;
  let rest = sum % count;
  if (rest < 0n) {
    quotient -= 1n;
    rest += count;
  }
  const twice = 2n * rest;
  if (twice === count) return quotient % 2n === 0n ? quotient : quotient + 1n;
  return twice > count ? quotient + 1n : quotient;
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}
