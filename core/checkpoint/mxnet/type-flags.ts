import { UnsupportedDTypeError } from '../../errors.ts';
import type { DType } from '../../ndarray/dtype.ts';

/** The type flags of records (mshadow/base.h), by number. */
const BY_FLAG = [
  'float32',
  'float64',
  'float16',
  'uint8',
  'int32',
  'int8',
  'int64',
  'bool',
  'int16',
  'uint16',
  'uint32',
  'uint64',
  'bfloat16',
] as const satisfies readonly DType[];

const FLAGS: ReadonlyMap<DType, number> = new Map(BY_FLAG.map((dtype, flag) => [dtype, flag]));

/** Undefined for a flag that no version of MXNet has. */
export function dtypeOfFlag(flag: number): DType | undefined {
  return BY_FLAG[flag];
}

/** Undefined for a dtype that MXNet cannot store: float8, complex and packed types. */
export function flagOfDType(dtype: DType): number | undefined {
  return FLAGS.get(dtype);
}

/** @throws UnsupportedDTypeError naming the array, the dtype and the format. */
export function requireFlag(dtype: DType, name: string): number {
  const flag = flagOfDType(dtype);
  if (flag !== undefined) return flag;
  throw new UnsupportedDTypeError(
    `MXNet parameter files cannot store ${dtype} (${JSON.stringify(name)}): ` +
      'cast it to another dtype, or save as safetensors.',
    { dtype, format: 'mxnet', name },
  );
}
