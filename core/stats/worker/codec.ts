import { UnsupportedDTypeError } from '../../errors.ts';
import {
  type DType,
  type ElementDType,
  groupElements,
  isPacked,
  isQuantizable,
  isQuantized,
} from '../../ndarray/dtype.ts';
import type { CellEncoding } from '../engine.ts';
import { laneBytes, lanesOf } from '../lanes.ts';
import { ADDRESS, type KernelMemory, type Kernels } from './kernel-memory.ts';
import { dequantize } from './quantized/dequantize.ts';
import { SMALL_FLOATS, type SmallFloat } from './small-floats.ts';
import { integerRange, type PackedInteger, type TableDType, tableAddress } from './value-tables.ts';

type Convert = (kernels: Kernels, src: number, dst: number, n: number) => void;

/** How a dtype's storage bytes become lanes (the widest type of their kind) and back. */
interface Codec {
  /** Null where the storage bytes are the lanes. */
  readonly decode: Convert | null;
  readonly encode: Convert | null;
}

function formatArguments(f: SmallFloat): [number, number, number, number, number, number] {
  return [f.mantissa, f.least, f.top, f.overflow, f.nan, f.sign];
}

function encodeByte(dtype: Exclude<TableDType, 'float8_e8m0fnu' | PackedInteger>): Convert {
  const format: SmallFloat = SMALL_FLOATS[dtype];
  return (k, src, dst, n) => k.encodeSmall8(src, dst, n, ...formatArguments(format), format.unsignedZero ? 1 : 0);
}

function float8(dtype: 'float8_e4m3fn' | 'float8_e4m3fnuz' | 'float8_e5m2' | 'float8_e5m2fnuz'): Codec {
  return {
    decode: (k, src, dst, n) => k.decodeTable(src, dst, n, tableAddress(dtype)),
    encode: encodeByte(dtype),
  };
}

function packed(dtype: 'float4_e2m1fn' | 'f6_e2m3' | 'f6_e3m2'): Codec {
  const encode = encodeByte(dtype);
  const four = dtype === 'float4_e2m1fn';
  return {
    decode: (k, src, dst, n) => {
      k.decodeTable(unpackCodes(k, dtype, { at: src, n }), dst, n, tableAddress(dtype));
    },
    encode: (k, src, dst, n) => {
      encode(k, src, ADDRESS.unpacked, n);
      if (four) k.pack4(ADDRESS.unpacked, dst, n);
      else k.pack6(ADDRESS.unpacked, dst, n);
    },
  };
}

function packedInteger(dtype: PackedInteger): Codec {
  const { low, size } = integerRange(dtype);
  return {
    decode: (k, src, dst, n) => {
      k.decodeTable(unpackCodes(k, dtype, { at: src, n }), dst, n, tableAddress(dtype));
    },
    encode: (k, src, dst, n) => {
      k.encodeNarrow(src, ADDRESS.unpacked, n, low, low + size - 1, size - 1);
      if (size === 16) k.pack4(ADDRESS.unpacked, dst, n);
      else k.pack2(ADDRESS.unpacked, dst, n);
    },
  };
}

/** Elements of at most 8 bits as one byte each: where packed ones were unpacked to, else where they are. */
export function unpackCodes(k: Kernels, dtype: DType, { at, n }: { at: number; n: number }): number {
  if (dtype === 'float4_e2m1fn' || dtype === 'int4' || dtype === 'uint4') k.unpack4(at, ADDRESS.unpacked, n);
  else if (dtype === 'int2' || dtype === 'uint2') k.unpack2(at, ADDRESS.unpacked, n);
  else if (dtype === 'f6_e2m3' || dtype === 'f6_e3m2') k.unpack6(at, ADDRESS.unpacked, n);
  else return at;
  return ADDRESS.unpacked;
}

function simple(decode: keyof Kernels & `decode${string}`, encode: Convert): Codec {
  return { decode: (k, src, dst, n) => (k[decode] as (...a: number[]) => void)(src, dst, n), encode };
}

const IDENTITY: Codec = { decode: null, encode: null };

const CODECS: Record<ElementDType, Codec> = {
  bool: simple('decodeBool', (k, s, d, n) => k.encodeBool(s, d, n)),
  int8: simple('decodeI8', (k, s, d, n) => k.encodeI8(s, d, n)),
  int16: simple('decodeI16', (k, s, d, n) => k.encodeI16(s, d, n)),
  int32: simple('decodeI32', (k, s, d, n) => k.encodeI32(s, d, n)),
  int64: IDENTITY,
  uint8: simple('decodeU8', (k, s, d, n) => k.encodeU8(s, d, n)),
  uint16: simple('decodeU16', (k, s, d, n) => k.encodeU16(s, d, n)),
  uint32: simple('decodeU32', (k, s, d, n) => k.encodeU32(s, d, n)),
  uint64: IDENTITY,
  int4: packedInteger('int4'),
  uint4: packedInteger('uint4'),
  int2: packedInteger('int2'),
  uint2: packedInteger('uint2'),
  float4_e2m1fn: packed('float4_e2m1fn'),
  f6_e2m3: packed('f6_e2m3'),
  f6_e3m2: packed('f6_e3m2'),
  float8_e4m3fn: float8('float8_e4m3fn'),
  float8_e4m3fnuz: float8('float8_e4m3fnuz'),
  float8_e5m2: float8('float8_e5m2'),
  float8_e5m2fnuz: float8('float8_e5m2fnuz'),
  float8_e8m0fnu: {
    decode: (k, s, d, n) => k.decodeTable(s, d, n, tableAddress('float8_e8m0fnu')),
    encode: (k, s, d, n) => k.encodeE8M0(s, d, n),
  },
  float16: simple('decodeF16', (k, s, d, n) => k.encodeSmall16(s, d, n, ...formatArguments(SMALL_FLOATS.float16))),
  bfloat16: simple('decodeBF16', (k, s, d, n) => k.encodeSmall16(s, d, n, ...formatArguments(SMALL_FLOATS.bfloat16))),
  float32: simple('decodeF32', (k, s, d, n) => k.encodeF32(s, d, n)),
  float64: IDENTITY,
  complex32: {
    decode: (k, s, d, n) => k.decodeF16(s, d, 2 * n),
    encode: (k, s, d, n) => k.encodeSmall16(s, d, 2 * n, ...formatArguments(SMALL_FLOATS.float16)),
  },
  complex64: {
    decode: (k, s, d, n) => k.decodeF32(s, d, 2 * n),
    encode: (k, s, d, n) => k.encodeF32(s, d, 2 * n),
  },
  complex128: IDENTITY,
  qint8: simple('decodeI8', (k, s, d, n) => k.encodeI8(s, d, n)),
  quint8: simple('decodeU8', (k, s, d, n) => k.encodeU8(s, d, n)),
  qint32: simple('decodeI32', (k, s, d, n) => k.encodeI32(s, d, n)),
};

/** Decodes `n` elements and returns where their lanes are: `dst`, or `src` itself where the bytes already are lanes. */
export function decode(k: Kernels, dtype: DType, { src, dst, n }: { src: number; dst: number; n: number }): number {
  if (isQuantized(dtype)) {
    dequantize(k, dtype, { src, dst, n });
    return dst;
  }
  const codec = CODECS[dtype].decode;
  if (codec === null) return src;
  codec(k, src, dst, n);
  return dst;
}

/** Like `decode` for elements that `unpackCodes` made bytes of. */
export function decodeCodes(k: Kernels, dtype: DType, { src, dst, n }: { src: number; dst: number; n: number }): void {
  if (isPacked(dtype)) k.decodeTable(src, dst, n, tableAddress(dtype as TableDType));
  else decode(k, dtype, { src, dst, n });
}

/** Encodes lanes of the dtype's own kind at `src` to its storage bytes at `dst`. */
export function encode(
  memory: KernelMemory,
  dtype: DType,
  { src, dst, n }: { src: number; dst: number; n: number },
): void {
  if (isQuantizable(dtype)) {
    memory.kernels.quantizeQ8x0(src, dst, n / groupElements(dtype));
    return;
  }
  if (isQuantized(dtype)) throw new UnsupportedDTypeError(`Nothing is computed in ${dtype}: cast to float32.`);
  const codec = CODECS[dtype].encode;
  if (codec !== null) codec(memory.kernels, src, dst, n);
  else if (src !== dst) memory.bytes.copyWithin(dst, src, src + n * laneBytes(lanesOf(dtype)));
}

/**
 * Turns lanes of one kind into another, for a cast to `target`, in place. 64-bit integers on their
 * way to a narrower float round to odd first, so that the encoder's rounding is the only one.
 */
export function convertLanes(
  k: Kernels,
  { from, target, at, n }: { from: CellEncoding; target: DType; at: number; n: number },
): void {
  const to = lanesOf(target);
  if (from === to) return;
  switch (from) {
    case 'float64':
      if (to === 'int64') k.f64ToI64(at, at, n);
      else if (to === 'uint64') k.f64ToU64(at, at, n);
      else k.realToComplex(at, at, n);
      return;
    case 'int64':
      if (to === 'uint64') k.i64ToU64(at, at, n);
      else if (target === 'float64' || target === 'complex128') k.i64ToF64(at, at, n);
      else k.i64ToF64Odd(at, at, n);
      if (to === 'complex128') k.realToComplex(at, at, n);
      return;
    case 'uint64':
      if (to === 'int64') k.u64ToI64(at, at, n);
      else if (target === 'float64' || target === 'complex128') k.u64ToF64(at, at, n);
      else k.u64ToF64Odd(at, at, n);
      if (to === 'complex128') k.realToComplex(at, at, n);
      return;
    case 'complex128':
      if (target === 'bool') k.complexNonZero(at, at, n);
      else k.complexToReal(at, at, n);
      if (to === 'int64') k.f64ToI64(at, at, n);
      else if (to === 'uint64') k.f64ToU64(at, at, n);
      return;
  }
}
