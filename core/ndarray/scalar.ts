import { InvalidArgumentError, UnsupportedDTypeError } from '../errors.ts';
import { type DType, dtypeInfo, isPacked, isQuantized } from './dtype.ts';
import { decodeFloat, encodeFloat, FLOAT_FORMATS, isSmallFloat } from './float-format.ts';
import { parseComplex, parseInteger, parseReal } from './scalar-text.ts';

/** One element: 64-bit integers are bigints, complex numbers pairs. */
export type ScalarValue = number | bigint | boolean | readonly [re: number, im: number];

/** One element as the command line prints it in JSON: 64-bit integers and non-finite numbers are strings. */
export type ScalarJSON = number | string | boolean | readonly [re: number | string, im: number | string];

/**
 * The storage bytes (little-endian) of a number as users write it: `3`, `-0`, `1e-3`, `nan`, `-inf`,
 * `true`, `1+2j`. Integers are exact up to 64 bits; floats go through float64 and round once, to
 * nearest, ties to even, with the overflow rules of ml_dtypes.
 *
 * @throws InvalidArgumentError where the text is no number, not whole or out of the dtype's range.
 * @throws UnsupportedDTypeError for the packed and quantized types, whose elements have no bytes of their own.
 */
export function encodeScalar(text: string, dtype: DType): Uint8Array {
  if (isPacked(dtype) && !isQuantized(dtype)) {
    throw new UnsupportedDTypeError(`Elements of ${dtype} share bytes: cast the tensor to another dtype first.`);
  }
  const { kind, bits } = dtypeInfo(dtype);
  switch (kind) {
    case 'bool':
      return Uint8Array.of(parseBool(text) ? 1 : 0);
    case 'int':
    case 'uint':
      return integerBytes(integerInRange(text, dtype), bits / 8);
    case 'float':
      return floatBytes(realNumber(text, dtype), dtype);
    case 'complex':
      return complexBytes(text, dtype);
    case 'quantized':
      throw hasNoElements(dtype);
  }
}

/** The element whose storage bytes begin at byte `offset`; of a packed type, the first one that begins there. */
export function decodeScalar(bytes: Uint8Array, offset: number, dtype: DType): ScalarValue {
  return decodeElement(bytes.subarray(offset), 0, dtype);
}

/**
 * Element `index` of a run of elements. Packed elements lie one after the other from the lowest bit
 * of the first byte up, as safetensors' F4 (two per byte, first in the low bits).
 */
export function decodeElement(bytes: Uint8Array, index: number, dtype: DType): ScalarValue {
  const { kind, bits } = dtypeInfo(dtype);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = index * (bits / 8);
  switch (kind) {
    case 'bool':
      return view.getUint8(at) !== 0;
    case 'int':
    case 'uint':
      return decodeInteger(view, at, dtype);
    case 'float':
      return decodeReal(view, at, dtype);
    case 'complex':
      return [decodeReal(view, at, partOf(dtype)), decodeReal(view, at + bits / 16, partOf(dtype))];
    case 'quantized':
      throw hasNoElements(dtype);
  }
}

export function scalarToJSON(value: ScalarValue): ScalarJSON {
  switch (typeof value) {
    case 'boolean':
      return value;
    case 'bigint':
      return value.toString();
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'object':
      return [numberToJSON(value[0]), numberToJSON(value[1])];
  }
}

/** The shortest decimal text that reads back as the same element: `0.1` for the float16 0.0999755859375. */
export function formatElement(value: ScalarValue, dtype: DType): string {
  if (typeof value === 'number') return dtypeInfo(dtype).kind === 'float' ? shortest(value, dtype) : String(value);
  if (typeof value !== 'object') return String(value);
  const part = partOf(dtype);
  const [re, im] = [shortest(value[0], part), shortest(value[1], part)];
  return `${re}${im.startsWith('-') ? '' : '+'}${im}j`;
}

function numberToJSON(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

function shortest(value: number, dtype: DType): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  if (Object.is(value, -0)) return '-0';
  if (dtype === 'float64') return String(value);
  for (let digits = 1; digits <= 9; digits++) {
    const text = String(Number(value.toPrecision(digits)));
    if (roundTo(Number(text), dtype) === value) return text;
  }
  return String(value);
}

function roundTo(value: number, dtype: DType): number {
  if (!isSmallFloat(dtype)) return Math.fround(value);
  const format = FLOAT_FORMATS[dtype];
  return decodeFloat(format, encodeFloat(format, value));
}

function parseBool(text: string): boolean {
  const value = parseReal(text);
  if (value === 0 || value === 1) return value === 1;
  throw new InvalidArgumentError(`"${text}" is no truth value: bool takes true, false, 1 or 0.`);
}

function realNumber(text: string, dtype: DType): number {
  const value = parseReal(text);
  if (value !== null) return value;
  const reason = parseComplex(text) ? 'is complex' : 'is no number';
  throw new InvalidArgumentError(`"${text}" ${reason}: ${dtype} takes numbers such as 3, -0.5, 1e-3, nan or -inf.`);
}

function integerInRange(text: string, dtype: DType): bigint {
  const { kind, bits } = dtypeInfo(dtype);
  const value = parseInteger(text, dtype);
  const width = BigInt(bits);
  const [low, high] = kind === 'uint' ? [0n, 2n ** width - 1n] : [-(2n ** (width - 1n)), 2n ** (width - 1n) - 1n];
  if (value >= low && value <= high) return value;
  throw new InvalidArgumentError(`${text.trim()} is out of the range of ${dtype}, ${low} to ${high}.`);
}

function integerBytes(value: bigint, size: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, BigInt.asIntN(64, value), true);
  return bytes.slice(0, size);
}

function floatBytes(value: number, dtype: DType): Uint8Array {
  const { bits } = dtypeInfo(dtype);
  if (isSmallFloat(dtype)) return integerBytes(BigInt(encodeFloat(FLOAT_FORMATS[dtype], value)), bits / 8);
  const bytes = new Uint8Array(bits / 8);
  const view = new DataView(bytes.buffer);
  if (dtype === 'float32') view.setFloat32(0, value, true);
  else view.setFloat64(0, value, true);
  return bytes;
}

function complexBytes(text: string, dtype: DType): Uint8Array {
  const parts = parseComplex(text);
  if (!parts) {
    throw new InvalidArgumentError(`"${text}" is no number: ${dtype} takes numbers such as 3, -0.5j or 1+2j.`);
  }
  const part = partOf(dtype);
  return Uint8Array.of(...floatBytes(parts[0], part), ...floatBytes(parts[1], part));
}

/** The dtype of the real and of the imaginary part. */
function partOf(dtype: DType): DType {
  const { bits } = dtypeInfo(dtype);
  return bits === 32 ? 'float16' : bits === 64 ? 'float32' : 'float64';
}

function hasNoElements(dtype: DType): UnsupportedDTypeError {
  return new UnsupportedDTypeError(
    `Elements of ${dtype} cannot be read or written one by one: cast the tensor first, for example to float32.`,
    { dtype },
  );
}

function decodeInteger(view: DataView, at: number, dtype: DType): number | bigint {
  const { kind, bits } = dtypeInfo(dtype);
  const signed = kind === 'int';
  switch (bits) {
    case 2:
    case 4: {
      const code = readBits(view, at * 8, bits);
      return signed && code >= 2 ** (bits - 1) ? code - 2 ** bits : code;
    }
    case 8:
      return signed ? view.getInt8(at) : view.getUint8(at);
    case 16:
      return signed ? view.getInt16(at, true) : view.getUint16(at, true);
    case 32:
      return signed ? view.getInt32(at, true) : view.getUint32(at, true);
    default:
      return signed ? view.getBigInt64(at, true) : view.getBigUint64(at, true);
  }
}

function decodeReal(view: DataView, at: number, dtype: DType): number {
  if (dtype === 'float32') return view.getFloat32(at, true);
  if (!isSmallFloat(dtype)) return view.getFloat64(at, true);
  return decodeFloat(FLOAT_FORMATS[dtype], readBits(view, at * 8, dtypeInfo(dtype).bits));
}

/** `width` (at most 16) bits from bit `start`, counted from the lowest bit of the first byte. */
function readBits(view: DataView, start: number, width: number): number {
  const first = Math.floor(start / 8);
  let word = 0;
  for (let byte = first; byte * 8 < start + width; byte++) word |= view.getUint8(byte) << ((byte - first) * 8);
  return (word >>> (start - first * 8)) & (2 ** width - 1);
}
