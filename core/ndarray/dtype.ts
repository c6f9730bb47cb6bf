/**
 * The element types that Parascope knows, by the names of NumPy and ml_dtypes.
 * Shapes count elements; `bits` may be below 8 for the packed types, whose elements share bytes.
 */

export type DTypeKind = 'bool' | 'int' | 'uint' | 'float' | 'complex';

export interface DTypeInfo {
  readonly kind: DTypeKind;
  /** Storage bits of one element; a complex element counts both parts. */
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
  complex64: { kind: 'complex', bits: 64 },
  complex128: { kind: 'complex', bits: 128 },
} as const satisfies Record<string, DTypeInfo>;

export type DType = keyof typeof INFO;

export const DTYPES = Object.keys(INFO) as readonly DType[];

export function dtypeInfo(dtype: DType): DTypeInfo {
  return INFO[dtype];
}

export function isDType(name: string): name is DType {
  return Object.hasOwn(INFO, name);
}

/** True where several elements share bytes (float4, float6): such tensors are addressed in groups. */
export function isPacked(dtype: DType): boolean {
  return INFO[dtype].bits % 8 !== 0;
}

/** Bytes that `count` elements take in storage; packed types round up to a whole byte. */
export function bytesFor(dtype: DType, count: number): number {
  const bits = INFO[dtype].bits;
  return bits % 8 === 0 ? count * (bits / 8) : Math.ceil((count * bits) / 8);
}
