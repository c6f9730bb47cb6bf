/** A binary floating format: its significant bits, the hidden one included, and the exponent of its smallest normal number. */
interface FloatFormat {
  readonly bits: number;
  readonly minExponent: number;
}

/** IEEE 754 and the OCP 8-bit and MX formats, as ml_dtypes names them. */
const FORMATS: Readonly<Record<string, FloatFormat>> = {
  float32: { bits: 24, minExponent: -126 },
  float16: { bits: 11, minExponent: -14 },
  bfloat16: { bits: 8, minExponent: -126 },
  float8_e4m3fn: { bits: 4, minExponent: -6 },
  float8_e4m3fnuz: { bits: 4, minExponent: -7 },
  float8_e5m2: { bits: 3, minExponent: -14 },
  float8_e5m2fnuz: { bits: 3, minExponent: -15 },
  float8_e8m0fnu: { bits: 1, minExponent: -127 },
  float4_e2m1fn: { bits: 2, minExponent: 0 },
  f6_e2m3: { bits: 4, minExponent: 0 },
  f6_e3m2: { bits: 3, minExponent: -2 },
  complex32: { bits: 11, minExponent: -14 },
  complex64: { bits: 24, minExponent: -126 },
};

/** ggml's block formats, which stand for float32 values. */
const BLOCK_FORMAT = /^(?:i?q|tq)\d|^(?:mx|nv)fp4$/;

const MAX_DIGITS = 17;

/** The fewest decimal digits that the dtype reads back as this very value: `0.1` of float32, not `0.10000000149011612`. */
export function shortestDecimal(value: number, dtype: string): string {
  const format = FORMATS[BLOCK_FORMAT.test(dtype) ? 'float32' : dtype];
  if (!format || !Number.isFinite(value) || Number.isSafeInteger(value)) return String(value);
  for (let digits = 1; digits < MAX_DIGITS; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (roundTo(candidate, format) === value) return String(candidate);
  }
  return String(value);
}

/** Rounds to the nearest number of the format, ties to even; its largest finite number is not minded. */
function roundTo(value: number, { bits, minExponent }: FloatFormat): number {
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(value))), minExponent);
  const spacing = 2 ** (exponent - bits + 1);
  return roundHalfEven(value / spacing) * spacing;
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
