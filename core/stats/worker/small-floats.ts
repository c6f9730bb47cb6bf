import type { DType } from '../../ndarray/dtype.ts';

/**
 * Binary formats of at most 16 bits, as ml_dtypes defines them. Codes above `top` (without the sign)
 * are no numbers; `overflow` is what a value too large, or an infinity, becomes on conversion.
 */
export interface SmallFloat {
  readonly mantissa: number;
  /** Exponent of the least normal number: 1 − bias. */
  readonly least: number;
  readonly top: number;
  readonly overflow: number;
  /** For the formats without NaN (float4, float6) negative zero, as in ml_dtypes. */
  readonly nan: number;
  readonly sign: number;
  /** fnuz: the code of negative zero is the only NaN. */
  readonly unsignedZero: boolean;
}

const SIGNED = { unsignedZero: false } as const;
const FNUZ = { top: 0x7f, overflow: 0x80, nan: 0x80, sign: 0x80, unsignedZero: true } as const;

export const SMALL_FLOATS = {
  float4_e2m1fn: { ...SIGNED, mantissa: 1, least: 0, top: 0x7, overflow: 0x7, nan: 0x8, sign: 0x8 },
  f6_e2m3: { ...SIGNED, mantissa: 3, least: 0, top: 0x1f, overflow: 0x1f, nan: 0x20, sign: 0x20 },
  f6_e3m2: { ...SIGNED, mantissa: 2, least: -2, top: 0x1f, overflow: 0x1f, nan: 0x20, sign: 0x20 },
  float8_e4m3fn: { ...SIGNED, mantissa: 3, least: -6, top: 0x7e, overflow: 0x7f, nan: 0x7f, sign: 0x80 },
  float8_e4m3fnuz: { ...FNUZ, mantissa: 3, least: -7 },
  float8_e5m2: { ...SIGNED, mantissa: 2, least: -14, top: 0x7b, overflow: 0x7c, nan: 0x7e, sign: 0x80 },
  float8_e5m2fnuz: { ...FNUZ, mantissa: 2, least: -15 },
  float16: { ...SIGNED, mantissa: 10, least: -14, top: 0x7bff, overflow: 0x7c00, nan: 0x7e00, sign: 0x8000 },
  bfloat16: { ...SIGNED, mantissa: 7, least: -126, top: 0x7f7f, overflow: 0x7f80, nan: 0x7fc0, sign: 0x8000 },
} as const satisfies Partial<Record<DType, SmallFloat>>;

/** The value that `code` stands for. */
export function smallFloatValue(format: SmallFloat, code: number): number {
  if (format.unsignedZero && code === format.nan) return Number.NaN;
  const magnitude = code & (format.sign - 1);
  const sign = (code & format.sign) !== 0 ? -1 : 1;
  if (magnitude > format.top) {
    return magnitude === format.overflow && format.overflow !== format.nan
      ? sign * Number.POSITIVE_INFINITY
      : Number.NaN;
  }
  const exponent = magnitude >> format.mantissa;
  const fraction = magnitude & ((1 << format.mantissa) - 1);
  const units = exponent === 0 ? fraction : fraction + (1 << format.mantissa);
  return sign * units * 2 ** (format.least + Math.max(exponent - 1, 0) - format.mantissa);
}

/** float8_e8m0fnu: powers of two without sign or zero; 255 is NaN. */
export function e8m0Value(code: number): number {
  return code === 255 ? Number.NaN : 2 ** (code - 127);
}
