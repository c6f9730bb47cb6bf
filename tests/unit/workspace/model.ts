import type { DType } from '../../../core/ndarray/dtype.ts';
import type { FileTensor } from './support.ts';

/** The dtypes of the model: small enough to be written down twice, once in kernels and once here. */
export const MODEL_DTYPES = ['bool', 'uint8', 'int32', 'int64', 'float32', 'float64'] as const;
export type ModelDType = (typeof MODEL_DTYPES)[number] & DType;

const TOKENS: Record<ModelDType, string> = {
  bool: 'BOOL',
  uint8: 'U8',
  int32: 'I32',
  int64: 'I64',
  float32: 'F32',
  float64: 'F64',
};

/** Values as exact numbers: bigint for int64, number for the rest. */
export interface ModelTensor {
  readonly name: string;
  readonly dtype: ModelDType;
  readonly shape: readonly number[];
  readonly values: readonly (number | bigint)[];
}

const INTEGER_RANGES = {
  uint8: [0n, 255n],
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
} as const;

function saturated(value: bigint, dtype: keyof typeof INTEGER_RANGES): number | bigint {
  const [low, high] = INTEGER_RANGES[dtype];
  const inside = value < low ? low : value > high ? high : value;
  return dtype === 'int64' ? inside : Number(inside);
}

function integerFrom(value: number, dtype: keyof typeof INTEGER_RANGES): number | bigint {
  const [low, high] = INTEGER_RANGES[dtype];
  if (Number.isNaN(value)) return saturated(0n, dtype);
  if (!Number.isFinite(value)) return saturated(value > 0 ? high : low, dtype);
  return saturated(BigInt(Math.trunc(value)), dtype);
}

export function castValue(value: number | bigint, dtype: ModelDType): number | bigint {
  switch (dtype) {
    case 'bool':
      return Number(value) === 0 ? 0 : 1;
    case 'uint8':
    case 'int32':
    case 'int64':
      return typeof value === 'bigint' ? saturated(value, dtype) : integerFrom(value, dtype);
    case 'float32':
      return Math.fround(Number(value));
    case 'float64':
      return Number(value);
  }
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

export function scaleValue(value: number | bigint, factor: number, dtype: ModelDType): number | bigint {
  if (typeof value === 'bigint' && Number.isInteger(factor)) return saturated(value * BigInt(factor), 'int64');
  const product = Number(value) * factor;
  switch (dtype) {
    case 'bool':
    case 'float32':
    case 'float64':
      return castValue(product, dtype);
    default:
      return castValue(roundHalfEven(product), dtype);
  }
}

export function bytesOf({ dtype, values }: ModelTensor): Uint8Array {
  const numbers = values.map(Number);
  switch (dtype) {
    case 'bool':
    case 'uint8':
      return Uint8Array.from(numbers);
    case 'int32':
      return new Uint8Array(Int32Array.from(numbers).buffer);
    case 'int64':
      return new Uint8Array(BigInt64Array.from(values, (value) => BigInt(value)).buffer);
    case 'float32':
      return new Uint8Array(Float32Array.from(numbers).buffer);
    case 'float64':
      return new Uint8Array(Float64Array.from(numbers).buffer);
  }
}

/** The elements of little-endian bytes. */
export function valuesIn(bytes: Uint8Array, dtype: ModelDType): (number | bigint)[] {
  const { buffer } = Uint8Array.from(bytes);
  switch (dtype) {
    case 'bool':
    case 'uint8':
      return [...new Uint8Array(buffer)];
    case 'int32':
      return [...new Int32Array(buffer)];
    case 'int64':
      return [...new BigInt64Array(buffer)];
    case 'float32':
      return [...new Float32Array(buffer)];
    case 'float64':
      return [...new Float64Array(buffer)];
  }
}

export function fileTensor(tensor: ModelTensor): FileTensor {
  return { name: tensor.name, dtype: TOKENS[tensor.dtype], shape: tensor.shape, bytes: bytesOf(tensor) };
}

/** Where an element is in C order: one index per axis. */
export function indexOf(element: number, shape: readonly number[]): number[] {
  let rest = element;
  return shape
    .toReversed()
    .map((size) => {
      const index = rest % size;
      rest = Math.floor(rest / size);
      return index;
    })
    .reverse();
}
