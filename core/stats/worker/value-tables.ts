import { type DType, dtypeInfo, isQuantized } from '../../ndarray/dtype.ts';
import { decodeFloat, FLOAT_FORMATS } from '../../ndarray/float-format.ts';
import { ADDRESS, type KernelMemory } from './kernel-memory.ts';
import { writeGrid } from './quantized/dequantize.ts';

const PACKED_INTEGERS = ['int4', 'uint4', 'int2', 'uint2'] as const;
export type PackedInteger = (typeof PACKED_INTEGERS)[number];

const TABLE_FLOATS = [
  'float4_e2m1fn',
  'f6_e2m3',
  'f6_e3m2',
  'float8_e4m3fn',
  'float8_e4m3fnuz',
  'float8_e5m2',
  'float8_e5m2fnuz',
  'float8_e8m0fnu',
] as const;
const TABLE_DTYPES = [...TABLE_FLOATS, ...PACKED_INTEGERS] as const;
export type TableDType = (typeof TABLE_DTYPES)[number];

export function tableAddress(dtype: TableDType): number {
  return ADDRESS.valueTables + TABLE_DTYPES.indexOf(dtype) * 256 * 8;
}

const isTableFloat = (dtype: DType): dtype is (typeof TABLE_FLOATS)[number] =>
  TABLE_FLOATS.some((known) => known === dtype);
const isPackedInteger = (dtype: DType): dtype is PackedInteger => PACKED_INTEGERS.some((known) => known === dtype);

/** Writes what the kernels look values of a dtype up in, if anything, at a worker's first tensor of it. */
export function prepareTables(memory: KernelMemory, dtype: DType): void {
  if (memory.prepared.has(dtype)) return;
  memory.prepared.add(dtype);
  if (isQuantized(dtype)) writeGrid(memory, dtype);
  if (isTableFloat(dtype)) writeTable(memory, dtype, (code) => decodeFloat(FLOAT_FORMATS[dtype], code));
  if (isPackedInteger(dtype)) {
    const { low, size } = integerRange(dtype);
    writeTable(memory, dtype, (code) => ((code - low) % size) + low);
  }
}

function writeTable(memory: KernelMemory, dtype: TableDType, decodeCode: (code: number) => number): void {
  const start = tableAddress(dtype) / 8;
  for (let code = 0; code < 256; code++) memory.f64[start + code] = decodeCode(code);
}

/** The least value and how many values there are. */
export function integerRange(dtype: PackedInteger): { readonly low: number; readonly size: number } {
  const { kind, bits } = dtypeInfo(dtype);
  const size = 2 ** bits;
  return { low: kind === 'int' ? -size / 2 : 0, size };
}
