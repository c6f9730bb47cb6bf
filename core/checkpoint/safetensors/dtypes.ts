import type { DType } from '../../ndarray/dtype.ts';

/**
 * The format's dtypes in the order of the reference implementation's enumeration
 * (safetensors/src/tensor.rs): its serializer lays tensors out by this order, last first.
 */
const TOKENS = [
  ['BOOL', 'bool'],
  ['F4', 'float4_e2m1fn'],
  ['F6_E2M3', 'f6_e2m3'],
  ['F6_E3M2', 'f6_e3m2'],
  ['U8', 'uint8'],
  ['I8', 'int8'],
  ['F8_E5M2', 'float8_e5m2'],
  ['F8_E4M3', 'float8_e4m3fn'],
  ['F8_E8M0', 'float8_e8m0fnu'],
  ['F8_E4M3FNUZ', 'float8_e4m3fnuz'],
  ['F8_E5M2FNUZ', 'float8_e5m2fnuz'],
  ['I16', 'int16'],
  ['U16', 'uint16'],
  ['F16', 'float16'],
  ['BF16', 'bfloat16'],
  ['I32', 'int32'],
  ['U32', 'uint32'],
  ['F32', 'float32'],
  ['C64', 'complex64'],
  ['F64', 'float64'],
  ['I64', 'int64'],
  ['U64', 'uint64'],
] as const satisfies readonly (readonly [string, DType])[];

/** A dtype as headers write it. */
export interface DTypeToken {
  readonly name: string;
  readonly dtype: DType;
  /** The name in quotes, as bytes. */
  readonly token: Uint8Array;
}

export const DTYPE_TOKENS: readonly DTypeToken[] = TOKENS.map(([name, dtype]) => ({
  name,
  dtype,
  token: Buffer.from(`"${name}"`),
}));

const BY_DTYPE: ReadonlyMap<DType, string> = new Map(TOKENS.map(([token, dtype]) => [dtype, token]));
const RANK: ReadonlyMap<DType, number> = new Map(TOKENS.map(([, dtype], rank) => [dtype, rank]));

export function tokenNamed(name: string): DTypeToken | undefined {
  return DTYPE_TOKENS.find((token) => token.name === name);
}

/** `F32` for `float32`; undefined for a dtype that safetensors cannot store (complex128). */
export function tokenOfDType(dtype: DType): string | undefined {
  return BY_DTYPE.get(dtype);
}

/** The place of a dtype in the reference serializer's order; −1 for one that it does not know. */
export function serializationRank(dtype: DType): number {
  return RANK.get(dtype) ?? -1;
}
