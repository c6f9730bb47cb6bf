import { type DType, isDType } from '../ndarray/dtype.ts';

/** ml_dtypes' integers of less than a byte, which NumPy stores one to a byte. */
const BYTE_WIDE: Readonly<Record<string, DType>> = { int4: 'int8', uint4: 'uint8', int2: 'int8', uint2: 'uint8' };

/**
 * The dtype of an array's bytes (`tobytes()`) by the name that NumPy or ml_dtypes gives its elements, with
 * the original name where it says more than the bytes do; undefined for what is no number.
 */
export function dtypeOfNumpyName(name: string): { readonly dtype: DType; readonly original?: string } | undefined {
  const wide = Object.hasOwn(BYTE_WIDE, name) ? BYTE_WIDE[name] : undefined;
  if (wide) return { dtype: wide, original: name };
  if (!isDType(name) || /^(?:float4|f6)/.test(name)) return undefined;
  return /^(?:bool|u?int(?:8|16|32|64)|b?float|complex)/.test(name) ? { dtype: name } : undefined;
}
