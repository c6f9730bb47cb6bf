import type { DType } from './dtype.ts';

/**
 * How a binary floating-point format below 32 bits spends its codes, after ml_dtypes
 * (https://github.com/jax-ml/ml_dtypes) and the OCP microscaling formats.
 *
 * - `ieee`: the top exponent holds the infinities and NaNs;
 * - `fn`: no infinities; the codes with all exponent and mantissa bits set are NaN;
 * - `fnuz`: no infinities, no negative zero; the code of negative zero is the only NaN;
 * - `finite`: neither infinities nor NaN;
 * - `scale`: unsigned powers of two without zero; the all-ones code is NaN (float8_e8m0fnu).
 */
export interface FloatFormat {
  readonly specials: 'ieee' | 'fn' | 'fnuz' | 'finite' | 'scale';
  readonly exponentBits: number;
  readonly mantissaBits: number;
  readonly bias: number;
}

export type SmallFloat = Extract<DType, `float8_${string}` | `f6_${string}` | 'float4_e2m1fn' | 'float16' | 'bfloat16'>;

export const FLOAT_FORMATS: Readonly<Record<SmallFloat, FloatFormat>> = {
  float4_e2m1fn: { specials: 'finite', exponentBits: 2, mantissaBits: 1, bias: 1 },
  f6_e2m3: { specials: 'finite', exponentBits: 2, mantissaBits: 3, bias: 1 },
  f6_e3m2: { specials: 'finite', exponentBits: 3, mantissaBits: 2, bias: 3 },
  float8_e4m3fn: { specials: 'fn', exponentBits: 4, mantissaBits: 3, bias: 7 },
  float8_e4m3fnuz: { specials: 'fnuz', exponentBits: 4, mantissaBits: 3, bias: 8 },
  float8_e5m2: { specials: 'ieee', exponentBits: 5, mantissaBits: 2, bias: 15 },
  float8_e5m2fnuz: { specials: 'fnuz', exponentBits: 5, mantissaBits: 2, bias: 16 },
  float8_e8m0fnu: { specials: 'scale', exponentBits: 8, mantissaBits: 0, bias: 127 },
  float16: { specials: 'ieee', exponentBits: 5, mantissaBits: 10, bias: 15 },
  bfloat16: { specials: 'ieee', exponentBits: 8, mantissaBits: 7, bias: 127 },
};

export function isSmallFloat(dtype: DType): dtype is SmallFloat {
  return Object.hasOwn(FLOAT_FORMATS, dtype);
}

/** The value of a code; exact, since every format here is a subset of float64. */
export function decodeFloat(format: FloatFormat, code: number): number {
  const { exponentBits, mantissaBits, bias } = format;
  if (format.specials === 'scale') return code === 0xff ? Number.NaN : 2 ** (code - bias);
  const signCode = 2 ** (exponentBits + mantissaBits);
  const sign = code >= signCode ? -1 : 1;
  const magnitude = code % signCode;
  if (isNaNCode(format, code, magnitude)) return Number.NaN;
  const exponent = Math.floor(magnitude / 2 ** mantissaBits);
  const fraction = magnitude % 2 ** mantissaBits;
  if (format.specials === 'ieee' && exponent === 2 ** exponentBits - 1) return sign * Number.POSITIVE_INFINITY;
  const significand = exponent === 0 ? fraction : fraction + 2 ** mantissaBits;
  return sign * significand * 2 ** (Math.max(exponent, 1) - bias - mantissaBits);
}

/**
 * The code nearest to a float64, ties to even, in one rounding. Overflow follows ml_dtypes: infinity
 * where the format has one, NaN where it does not, the largest value where it has neither.
 * float8_e8m0fnu has neither sign nor zero: zero and negative numbers become NaN.
 */
export function encodeFloat(format: FloatFormat, value: number): number {
  if (format.specials === 'scale') return encodeScale(format, value);
  const signCode = 2 ** (format.exponentBits + format.mantissaBits);
  const sign = value < 0 || Object.is(value, -0) ? signCode : 0;
  if (Number.isNaN(value)) return nanCode(format);
  const magnitude = roundedMagnitude(format, Math.abs(value));
  if (magnitude > largestCode(format)) return overflowCode(format, sign);
  return magnitude === 0 && format.specials === 'fnuz' ? 0 : sign + magnitude;
}

function isNaNCode(format: FloatFormat, code: number, magnitude: number): boolean {
  const signCode = 2 ** (format.exponentBits + format.mantissaBits);
  switch (format.specials) {
    case 'ieee':
      return magnitude > signCode - 2 ** format.mantissaBits;
    case 'fn':
      return magnitude === signCode - 1;
    case 'fnuz':
      return code === signCode;
    case 'finite':
    case 'scale':
      return false;
  }
}

/** The magnitude bits of a non-negative number, as if the exponent had no upper end. */
function roundedMagnitude(format: FloatFormat, value: number): number {
  if (value === 0) return 0;
  if (value === Number.POSITIVE_INFINITY) return value;
  const exponent = Math.max(exponentOf(value), 1 - format.bias);
  const significand = roundHalfEven(value * 2 ** (format.mantissaBits - exponent));
  return (exponent + format.bias - 1) * 2 ** format.mantissaBits + significand;
}

function encodeScale(format: FloatFormat, value: number): number {
  if (!(value > 0)) return 0xff;
  if (value === Number.POSITIVE_INFINITY) return 0xff;
  const exponent = Math.max(exponentOf(value), -format.bias);
  const code = exponent + format.bias + (roundHalfEven(value * 2 ** -exponent) - 1);
  return Math.min(Math.max(code, 0), 0xff);
}

const view = new DataView(new ArrayBuffer(8));

/** `floor(log2(value))` of a positive float64 from its bits; subnormals report −1023, below every format here. */
function exponentOf(value: number): number {
  view.setFloat64(0, value);
  return ((view.getUint32(0) >>> 20) & 0x7ff) - 1023;
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

function largestCode(format: FloatFormat): number {
  const signCode = 2 ** (format.exponentBits + format.mantissaBits);
  switch (format.specials) {
    case 'ieee':
      return signCode - 2 ** format.mantissaBits - 1;
    case 'fn':
      return signCode - 2;
    case 'fnuz':
    case 'finite':
      return signCode - 1;
    case 'scale':
      return 0xfe;
  }
}

function overflowCode(format: FloatFormat, sign: number): number {
  const signCode = 2 ** (format.exponentBits + format.mantissaBits);
  switch (format.specials) {
    case 'ieee':
      return sign + signCode - 2 ** format.mantissaBits;
    case 'fn':
      return sign + signCode - 1;
    case 'fnuz':
      return signCode;
    case 'finite':
      return sign + signCode - 1;
    case 'scale':
      return 0xff;
  }
}

/** The quiet NaN; of a format without one, negative zero, as ml_dtypes converts it. */
function nanCode(format: FloatFormat): number {
  const signCode = 2 ** (format.exponentBits + format.mantissaBits);
  switch (format.specials) {
    case 'ieee':
      return signCode - 2 ** (format.mantissaBits - 1);
    case 'fn':
      return signCode - 1;
    case 'fnuz':
    case 'finite':
      return signCode;
    case 'scale':
      return 0xff;
  }
}
