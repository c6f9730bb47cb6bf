import { UnsupportedDTypeError } from '../../errors.ts';
import type { DType } from '../../ndarray/dtype.ts';

/** NumPy's type strings, without byte order, by dtype. */
const DESCRIPTIONS = [
  ['bool', 'b1'],
  ['int8', 'i1'],
  ['int16', 'i2'],
  ['int32', 'i4'],
  ['int64', 'i8'],
  ['uint8', 'u1'],
  ['uint16', 'u2'],
  ['uint32', 'u4'],
  ['uint64', 'u8'],
  ['float16', 'f2'],
  ['float32', 'f4'],
  ['float64', 'f8'],
  ['complex64', 'c8'],
  ['complex128', 'c16'],
] as const satisfies readonly (readonly [DType, string])[];

const BY_DTYPE: ReadonlyMap<DType, string> = new Map(DESCRIPTIONS);

/** MXNet writes bfloat16 under a name that NumPy does not know. */
const BY_DESCRIPTION: ReadonlyMap<string, DType> = new Map<string, DType>([
  ...DESCRIPTIONS.map(([dtype, description]) => [description, dtype] as const),
  ['b2', 'bfloat16'],
]);

/** `<f4` for `float32`. @throws UnsupportedDTypeError naming the array, the dtype and the format. */
export function describeDType(dtype: DType, name: string): string {
  const description = BY_DTYPE.get(dtype);
  if (description !== undefined) return `${description.endsWith('1') ? '|' : '<'}${description}`;
  throw new UnsupportedDTypeError(
    `NumPy files cannot store ${dtype} (${JSON.stringify(name)}): cast it to another dtype, or save as safetensors.`,
    { dtype, format: 'numpy', name },
  );
}

/** Whether NumPy itself has the dtype. */
export function dtypeHeld(dtype: DType): boolean {
  return BY_DTYPE.has(dtype);
}

/** The dtype of a description without byte order: `f4`. */
export function dtypeOfDescription(description: string): DType | undefined {
  return BY_DESCRIPTION.get(description);
}

/** Bytes that a big-endian writer reversed. */
export function swapSizeOf(description: string): number {
  const size = Number(description.slice(1)) / (description.startsWith('c') ? 2 : 1);
  return size === 8 || size === 4 || size === 2 ? size : 1;
}
