import { BLOCK_FORMATS, type BlockFormat, type QuantizedDType } from './quantized/block-formats.ts';

/**
 * The element types that Parascope knows, by the names of NumPy and ml_dtypes, and the block formats of
 * ggml by its own (in lower case). Shapes count elements; `bits` may be below 8 for the packed types,
 * whose elements share bytes. `complex32` and the `q` types are PyTorch's: integers whose scale and zero
 * point stand beside the tensor, and which are counted and compared as the integers that they are.
 */

export type DTypeKind = 'bool' | 'int' | 'uint' | 'float' | 'complex' | 'quantized';

export interface DTypeInfo {
  readonly kind: DTypeKind;
  /** Storage bits of one element; a complex element counts both parts, of a block format it is the mean. */
  readonly bits: number;
}

const INFO = {
  bool: { kind: 'bool', bits: 8 },
  int8: { kind: 'int', bits: 8 },
  int16: { kind: 'int', bits: 16 },
  int32: { kind: 'int', bits: 32 },
  int64: { kind: 'int', bits: 64 },
  uint8: { kind: 'uint', bits: 8 },
  uint16: { kind: 'uint', bits: 16 },
  uint32: { kind: 'uint', bits: 32 },
  uint64: { kind: 'uint', bits: 64 },
  int4: { kind: 'int', bits: 4 },
  uint4: { kind: 'uint', bits: 4 },
  int2: { kind: 'int', bits: 2 },
  uint2: { kind: 'uint', bits: 2 },
  float4_e2m1fn: { kind: 'float', bits: 4 },
  f6_e2m3: { kind: 'float', bits: 6 },
  f6_e3m2: { kind: 'float', bits: 6 },
  float8_e4m3fn: { kind: 'float', bits: 8 },
  float8_e4m3fnuz: { kind: 'float', bits: 8 },
  float8_e5m2: { kind: 'float', bits: 8 },
  float8_e5m2fnuz: { kind: 'float', bits: 8 },
  float8_e8m0fnu: { kind: 'float', bits: 8 },
  float16: { kind: 'float', bits: 16 },
  bfloat16: { kind: 'float', bits: 16 },
  float32: { kind: 'float', bits: 32 },
  float64: { kind: 'float', bits: 64 },
  complex32: { kind: 'complex', bits: 32 },
  complex64: { kind: 'complex', bits: 64 },
  complex128: { kind: 'complex', bits: 128 },
  qint8: { kind: 'int', bits: 8 },
  quint8: { kind: 'uint', bits: 8 },
  qint32: { kind: 'int', bits: 32 },
} as const satisfies Record<string, DTypeInfo>;

/** The dtypes whose elements stand for themselves. */
export type ElementDType = keyof typeof INFO;

export type DType = ElementDType | QuantizedDType;

export type { QuantizedDType } from './quantized/block-formats.ts';

function blockInfo({ elements, bytes }: BlockFormat): DTypeInfo {
  return { kind: 'quantized', bits: (bytes * 8) / elements };
}

const ALL: ReadonlyMap<string, DTypeInfo> = new Map<string, DTypeInfo>([
  ...Object.entries(INFO),
  ...Object.entries(BLOCK_FORMATS).map(([name, format]) => [name, blockInfo(format)] as const),
]);

/** Those that values can be computed, cast and written in. */
export const ELEMENT_DTYPES = Object.keys(INFO) as readonly ElementDType[];

export const DTYPES = [...ALL.keys()] as readonly DType[];

export function dtypeInfo(dtype: DType): DTypeInfo {
  const info = ALL.get(dtype);
  if (info) return info;
  throw new TypeError(`There is no dtype ${dtype}.`);
}

export function isDType(name: string): name is DType {
  return ALL.has(name);
}

/** True for the formats of ggml that store a block of elements with scales of its own: they can be seen as float32, not written element by element. */
export function isQuantized(dtype: DType): dtype is QuantizedDType {
  return Object.hasOwn(BLOCK_FORMATS, dtype);
}

/** True for the one format of blocks that values can be cast to; the rows of such a tensor are whole blocks. */
export function isQuantizable(dtype: DType): dtype is 'q8_0' {
  return dtype === 'q8_0';
}

/** True for PyTorch's integers that stand for reals by a scale and a zero point beside the tensor. */
export function isQuantizedInteger(dtype: DType): boolean {
  return dtype === 'qint8' || dtype === 'quint8' || dtype === 'qint32';
}

/** True where several elements share bytes (int4, float6, blocks): such tensors are addressed in groups. */
export function isPacked(dtype: DType): boolean {
  return dtypeInfo(dtype).bits % 8 !== 0;
}

/** How many elements must be taken together so that they begin and end on whole bytes: 1, 8 of a packed type, the block of a quantized one. */
export function groupElements(dtype: DType): number {
  if (isQuantized(dtype)) return BLOCK_FORMATS[dtype].elements;
  return isPacked(dtype) ? 8 : 1;
}

/** Bytes that `count` elements take in storage; packed types round up to a whole byte, quantized ones to a whole block. */
export function bytesFor(dtype: DType, count: number): number {
  if (isQuantized(dtype)) {
    const { elements, bytes } = BLOCK_FORMATS[dtype];
    return Math.ceil(count / elements) * bytes;
  }
  const { bits } = INFO[dtype];
  return bits % 8 === 0 ? count * (bits / 8) : Math.ceil((count * bits) / 8);
}
