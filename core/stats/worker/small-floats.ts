import type { DType } from '../../ndarray/dtype.ts';

/**
 * What the encoding kernels are told of each format of at most 16 bits, as ml_dtypes defines them
 * (decoding: core/ndarray/float-format.ts). Codes above `top` (without the sign)
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
