import type { DType } from '../../ndarray/dtype.ts';

/** The field of TensorProto that holds elements which are not raw. */
export type TypedField = 'float_data' | 'int32_data' | 'int64_data' | 'double_data' | 'uint64_data';

export interface DataType {
  /** As onnx.proto has it. */
  readonly name: string;
  readonly dtype: DType;
  readonly field: TypedField;
}

/** TensorProto.DataType by number (onnx/onnx.proto); strings (8) are no numbers and have a place of their own. */
const DATA_TYPES: Readonly<Record<number, DataType>> = {
  1: { name: 'FLOAT', dtype: 'float32', field: 'float_data' },
  2: { name: 'UINT8', dtype: 'uint8', field: 'int32_data' },
  3: { name: 'INT8', dtype: 'int8', field: 'int32_data' },
  4: { name: 'UINT16', dtype: 'uint16', field: 'int32_data' },
  5: { name: 'INT16', dtype: 'int16', field: 'int32_data' },
  6: { name: 'INT32', dtype: 'int32', field: 'int32_data' },
  7: { name: 'INT64', dtype: 'int64', field: 'int64_data' },
  9: { name: 'BOOL', dtype: 'bool', field: 'int32_data' },
  10: { name: 'FLOAT16', dtype: 'float16', field: 'int32_data' },
  11: { name: 'DOUBLE', dtype: 'float64', field: 'double_data' },
  12: { name: 'UINT32', dtype: 'uint32', field: 'uint64_data' },
  13: { name: 'UINT64', dtype: 'uint64', field: 'uint64_data' },
  14: { name: 'COMPLEX64', dtype: 'complex64', field: 'float_data' },
  15: { name: 'COMPLEX128', dtype: 'complex128', field: 'double_data' },
  16: { name: 'BFLOAT16', dtype: 'bfloat16', field: 'int32_data' },
  17: { name: 'FLOAT8E4M3FN', dtype: 'float8_e4m3fn', field: 'int32_data' },
  18: { name: 'FLOAT8E4M3FNUZ', dtype: 'float8_e4m3fnuz', field: 'int32_data' },
  19: { name: 'FLOAT8E5M2', dtype: 'float8_e5m2', field: 'int32_data' },
  20: { name: 'FLOAT8E5M2FNUZ', dtype: 'float8_e5m2fnuz', field: 'int32_data' },
  21: { name: 'UINT4', dtype: 'uint4', field: 'int32_data' },
  22: { name: 'INT4', dtype: 'int4', field: 'int32_data' },
  23: { name: 'FLOAT4E2M1', dtype: 'float4_e2m1fn', field: 'int32_data' },
  24: { name: 'FLOAT8E8M0', dtype: 'float8_e8m0fnu', field: 'int32_data' },
  25: { name: 'UINT2', dtype: 'uint2', field: 'int32_data' },
  26: { name: 'INT2', dtype: 'int2', field: 'int32_data' },
  27: { name: 'FLOAT6E2M3', dtype: 'f6_e2m3', field: 'int32_data' },
  28: { name: 'FLOAT6E3M2', dtype: 'f6_e3m2', field: 'int32_data' },
};

export const STRING_TYPE = 8;

export function dataType(number: number): DataType | undefined {
  return DATA_TYPES[number];
}

/** Undefined for a dtype that ONNX does not have. */
export function dataTypeNumber(dtype: DType): number | undefined {
  const found = Object.entries(DATA_TYPES).find(([, type]) => type.dtype === dtype);
  return found && Number(found[0]);
}
