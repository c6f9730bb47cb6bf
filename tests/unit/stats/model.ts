import { type DType, dtypeInfo } from '../../../core/ndarray/dtype.ts';

/**
 * The dtypes written down a second time, slowly and from their definitions: values by formula,
 * rounding by search for the nearest value. What the kernels do is compared with this.
 */

interface Format {
  readonly exponentBits: number;
  readonly mantissaBits: number;
  readonly bias: number;
  /** ieee: infinities and NaNs at the top; fn: one NaN code per sign; fnuz: NaN is minus zero; finite: none. */
  readonly style: 'ieee' | 'fn' | 'fnuz' | 'finite';
}

const FORMATS: Partial<Record<DType, Format>> = {
  float4_e2m1fn: { exponentBits: 2, mantissaBits: 1, bias: 1, style: 'finite' },
  f6_e2m3: { exponentBits: 2, mantissaBits: 3, bias: 1, style: 'finite' },
  f6_e3m2: { exponentBits: 3, mantissaBits: 2, bias: 3, style: 'finite' },
  float8_e4m3fn: { exponentBits: 4, mantissaBits: 3, bias: 7, style: 'fn' },
  float8_e4m3fnuz: { exponentBits: 4, mantissaBits: 3, bias: 8, style: 'fnuz' },
  float8_e5m2: { exponentBits: 5, mantissaBits: 2, bias: 15, style: 'ieee' },
  float8_e5m2fnuz: { exponentBits: 5, mantissaBits: 2, bias: 16, style: 'fnuz' },
  float16: { exponentBits: 5, mantissaBits: 10, bias: 15, style: 'ieee' },
  bfloat16: { exponentBits: 8, mantissaBits: 7, bias: 127, style: 'ieee' },
};

/** |value| of a code without its sign, as if there were no special codes. */
function magnitudeOf(format: Format, code: number): number {
  const exponent = code >> format.mantissaBits;
  const fraction = (code & ((1 << format.mantissaBits) - 1)) / 2 ** format.mantissaBits;
  return exponent === 0 ? fraction * 2 ** (1 - format.bias) : (1 + fraction) * 2 ** (exponent - format.bias);
}

function topCode(format: Format): number {
  const all = 2 ** (format.exponentBits + format.mantissaBits) - 1;
  if (format.style === 'ieee') return all - 2 ** format.mantissaBits;
  return format.style === 'fn' ? all - 1 : all;
}

function formatValue(format: Format, code: number): number {
  const signBit = 2 ** (format.exponentBits + format.mantissaBits);
  const magnitude = code & (signBit - 1);
  const sign = code & signBit ? -1 : 1;
  if (format.style === 'fnuz' && code === signBit) return Number.NaN;
  if (magnitude > topCode(format)) {
    return format.style === 'ieee' && magnitude === topCode(format) + 1 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  }
  return sign * magnitudeOf(format, magnitude);
}

/** The value that rounding `x` to the format gives: the nearest, of two equally near that of the even code. */
function roundToFormat(format: Format, x: number): number {
  if (Number.isNaN(x)) return format.style === 'finite' ? -0 : Number.NaN;
  const size = Math.abs(x);
  const sign = x < 0 || Object.is(x, -0) ? -1 : 1;
  const top = topCode(format);
  let low = 0;
  let high = top + 1;
  while (low + 1 < high) {
    const middle = (low + high) >> 1;
    if (magnitudeOf(format, middle) <= size) low = middle;
    else high = middle;
  }
  // Distances of neighbours are exact in float64 or too large to matter.
  const below = size - magnitudeOf(format, low);
  const above = magnitudeOf(format, low + 1) - size;
  const code = below < above || (below === above && low % 2 === 0) ? low : low + 1;
  if (code <= top) {
    const value = sign * magnitudeOf(format, code);
    return format.style === 'fnuz' && value === 0 ? 0 : value;
  }
  if (format.style === 'ieee') return sign * Number.POSITIVE_INFINITY;
  return format.style === 'finite' ? sign * magnitudeOf(format, top) : Number.NaN;
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** One element: a number, a bigint for 64-bit integers, or [re, im]. */
export type Element = number | bigint | readonly [re: number, im: number];

function bitsAt(bytes: Uint8Array, firstBit: number, count: number): number {
  let code = 0;
  for (let k = 0; k < count; k++) {
    const bit = firstBit + k;
    if ((bytes[bit >> 3]! >> (bit & 7)) & 1) code += 2 ** k;
  }
  return code;
}

/** Element `index` of storage bytes. */
export function decodeElement(dtype: DType, bytes: Uint8Array, index: number): Element {
  const { bits } = dtypeInfo(dtype);
  const format = FORMATS[dtype];
  if (format) return formatValue(format, bitsAt(bytes, index * bits, bits));
  const data = view(bytes);
  const at = (index * bits) / 8;
  switch (dtype) {
    case 'bool':
      return bytes[at] === 0 ? 0 : 1;
    case 'float8_e8m0fnu':
      return bytes[at] === 255 ? Number.NaN : 2 ** (bytes[at]! - 127);
    case 'int4':
    case 'uint4':
    case 'int2':
    case 'uint2': {
      const code = bitsAt(bytes, index * bits, bits);
      return dtype.startsWith('int') && code >> (bits - 1) === 1 ? code - 2 ** bits : code;
    }
    case 'int8':
    case 'qint8':
      return data.getInt8(at);
    case 'uint8':
    case 'quint8':
      return data.getUint8(at);
    case 'int16':
      return data.getInt16(at, true);
    case 'uint16':
      return data.getUint16(at, true);
    case 'int32':
    case 'qint32':
      return data.getInt32(at, true);
    case 'uint32':
      return data.getUint32(at, true);
    case 'int64':
      return data.getBigInt64(at, true);
    case 'uint64':
      return data.getBigUint64(at, true);
    case 'float32':
      return data.getFloat32(at, true);
    case 'float64':
      return data.getFloat64(at, true);
    case 'complex32':
      return [0, 1].map((part) => formatValue(FORMATS.float16!, bitsAt(bytes, at * 8 + part * 16, 16))) as [
        number,
        number,
      ];
    case 'complex64':
      return [data.getFloat32(at, true), data.getFloat32(at + 4, true)];
    case 'complex128':
      return [data.getFloat64(at, true), data.getFloat64(at + 8, true)];
    default:
      throw new Error(`the model lacks ${dtype}`);
  }
}

export function decodeAll(dtype: DType, bytes: Uint8Array, count: number): Element[] {
  return Array.from({ length: count }, (_, index) => decodeElement(dtype, bytes, index));
}

/** A value in float64, 64-bit integers rounded, complex by its real part. */
export function toNumber(element: Element): number {
  if (typeof element === 'object') return element[0];
  return Number(element);
}

function clamp(value: bigint, low: bigint, high: bigint): bigint {
  return value < low ? low : value > high ? high : value;
}

const INT_RANGE: Partial<Record<DType, readonly [bigint, bigint]>> = {
  int4: [-8n, 7n],
  uint4: [0n, 15n],
  int2: [-2n, 1n],
  uint2: [0n, 3n],
  int8: [-128n, 127n],
  uint8: [0n, 255n],
  int16: [-32768n, 32767n],
  uint16: [0n, 65535n],
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  qint8: [-128n, 127n],
  quint8: [0n, 255n],
  qint32: [-(2n ** 31n), 2n ** 31n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
};

function toInteger(element: Exclude<Element, readonly unknown[]>, [low, high]: readonly [bigint, bigint]): bigint {
  if (typeof element === 'bigint') return clamp(element, low, high);
  if (Number.isNaN(element)) return 0n;
  if (!Number.isFinite(element)) return element > 0 ? high : low;
  return clamp(BigInt(Math.trunc(element)), low, high);
}

/** float32 nearest to an integer: exact candidates, compared as integers, even mantissa on a tie. */
function integerToFloat(value: bigint, mantissaBits: number): number {
  const negative = value < 0n;
  let size = negative ? -value : value;
  let shift = 0n;
  while (size >> shift >= 2n ** BigInt(mantissaBits + 1)) shift += 1n;
  const kept = size >> shift;
  const rest = size - (kept << shift);
  const half = shift > 0n ? 1n << (shift - 1n) : 1n;
  const up = shift > 0n && (rest > half || (rest === half && kept % 2n === 1n));
  size = (up ? kept + 1n : kept) << shift;
  return negative ? -Number(size) : Number(size);
}

/** What a cast of one element to `dtype` gives, as `decodeElement` would read it back. */
export function castElement(element: Element, dtype: DType): Element {
  const { kind } = dtypeInfo(dtype);
  if (kind === 'complex') {
    const [re, im] = typeof element === 'object' ? element : [element, 0];
    const part = dtype === 'complex32' ? 'float16' : dtype === 'complex64' ? 'float32' : 'float64';
    return [castElement(re, part) as number, castElement(im, part) as number];
  }
  if (dtype === 'bool') {
    return (typeof element === 'object' ? element[0] !== 0 || element[1] !== 0 : Number(element) !== 0) ? 1 : 0;
  }
  const real = typeof element === 'object' ? element[0] : element;
  const range = INT_RANGE[dtype];
  if (range) {
    const integer = toInteger(real, range);
    return dtypeInfo(dtype).bits === 64 ? integer : Number(integer);
  }
  if (dtype === 'float64') return Number(real);
  if (dtype === 'float32') return typeof real === 'bigint' ? integerToFloat(real, 23) : Math.fround(real);
  if (dtype === 'float8_e8m0fnu') return toPowerOfTwo(Number(real));
  const format = FORMATS[dtype]!;
  const wide = typeof real === 'bigint' ? integerToFloat(real, format.mantissaBits) : real;
  return roundToFormat(format, wide);
}

/** ml_dtypes: nothing that is not positive; the least for what is too small; half rounds up. */
function toPowerOfTwo(x: number): number {
  if (!(x > 0)) return Number.NaN;
  for (let exponent = -127; exponent <= 127; exponent++) if (x < 1.5 * 2 ** exponent) return 2 ** exponent;
  return Number.NaN;
}

/** Equal as values: NaN equals NaN, and the sign of zero counts. */
export function sameElement(a: Element, b: Element): boolean {
  if (typeof a === 'object' && typeof b === 'object') return Object.is(a[0], b[0]) && Object.is(a[1], b[1]);
  return Object.is(a, b);
}

/** numpy.histogram of numpy 2.4 (lib/_histograms_impl.py), line by line, for float64 data. */
export function numpyHistogram(data: readonly number[], bins: number): { edges: number[]; counts: number[] } {
  const finite = data.filter((x) => Number.isFinite(x));
  let first = finite.reduce((least, x) => Math.min(least, x), Number.POSITIVE_INFINITY);
  let last = finite.reduce((most, x) => Math.max(most, x), Number.NEGATIVE_INFINITY);
  if (first === last) {
    first -= 0.5;
    last += 0.5;
  }
  const step = (last - first) / bins;
  const edges = Array.from({ length: bins + 1 }, (_, k) =>
    step === 0 ? (k / bins) * (last - first) + first : k * step + first,
  );
  edges[bins] = last;
  const counts = new Array<number>(bins).fill(0);
  for (const x of finite) {
    let index = Math.trunc(((x - first) / (last - first)) * bins);
    if (index === bins) index -= 1;
    if (x < edges[index]!) index -= 1;
    if (x >= edges[index + 1]! && index !== bins - 1) index += 1;
    counts[index]! += 1;
  }
  return { edges, counts };
}
