import type { DType } from '../../ndarray/dtype.ts';

interface ElementType {
  readonly dtype: DType;
  /** TensorFlow's name where it says more than the dtype. */
  readonly original?: string;
}

/** TensorFlow's DataType by number (tensorflow/core/framework/types.proto), of the types that are numbers. */
const TYPES: Readonly<Record<number, ElementType>> = {
  1: { dtype: 'float32' },
  2: { dtype: 'float64' },
  3: { dtype: 'int32' },
  4: { dtype: 'uint8' },
  5: { dtype: 'int16' },
  6: { dtype: 'int8' },
  8: { dtype: 'complex64' },
  9: { dtype: 'int64' },
  10: { dtype: 'bool' },
  11: { dtype: 'int8', original: 'qint8' },
  12: { dtype: 'uint8', original: 'quint8' },
  13: { dtype: 'int32', original: 'qint32' },
  14: { dtype: 'bfloat16' },
  15: { dtype: 'int16', original: 'qint16' },
  16: { dtype: 'uint16', original: 'quint16' },
  17: { dtype: 'uint16' },
  18: { dtype: 'complex128' },
  19: { dtype: 'float16' },
  22: { dtype: 'uint32' },
  23: { dtype: 'uint64' },
  24: { dtype: 'float8_e5m2' },
  25: { dtype: 'float8_e4m3fn' },
  26: { dtype: 'float8_e4m3fnuz' },
  28: { dtype: 'float8_e5m2fnuz' },
  // A byte each.
  29: { dtype: 'int8', original: 'int4' },
  30: { dtype: 'uint8', original: 'uint4' },
};

const OTHER_NAMES: Readonly<Record<number, string>> = { 7: 'string', 20: 'resource', 21: 'variant' };

export function elementType(number: number): ElementType | undefined {
  return TYPES[number];
}

export function otherTypeName(number: number): string {
  return OTHER_NAMES[number] ?? `type ${number}`;
}
