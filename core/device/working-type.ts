import { UnsupportedDTypeError } from '../errors.ts';
import { bytesFor, type DType, isQuantized } from '../ndarray/dtype.ts';
import type { Device } from './device.ts';

/**
 * How a device holds the elements of a dtype (design.md §4.3). The first four are TensorFlow.js
 * tensors; the others have no TensorFlow.js dtype and live in typed arrays of their own.
 */
export type WorkingType =
  | 'float32'
  | 'int32'
  | 'bool'
  | 'complex64'
  | 'float64'
  | 'int64'
  | 'uint64'
  | 'uint32'
  | 'complex128';

/** @throws UnsupportedDTypeError for the packed and the quantized types, which no device computes with. */
export function workingType(dtype: DType): WorkingType {
  if (isQuantized(dtype)) {
    throw new UnsupportedDTypeError(
      `${dtype} stores its elements in blocks and cannot be held on a device: cast it first, for example to float32.`,
      { dtype },
    );
  }
  switch (dtype) {
    case 'float32':
    case 'float16':
    case 'bfloat16':
    case 'float8_e4m3fn':
    case 'float8_e4m3fnuz':
    case 'float8_e5m2':
    case 'float8_e5m2fnuz':
    case 'float8_e8m0fnu':
      return 'float32';
    case 'int8':
    case 'uint8':
    case 'int16':
    case 'uint16':
    case 'int32':
      return 'int32';
    case 'bool':
    case 'complex64':
    case 'float64':
    case 'int64':
    case 'uint64':
    case 'uint32':
    case 'complex128':
      return dtype;
    case 'complex32':
    case 'qint8':
    case 'quint8':
    case 'qint32':
      throw new UnsupportedDTypeError(
        `${dtype} cannot be held on a device: cast it first, ${dtype === 'complex32' ? 'to complex64' : 'for example to int32'}.`,
        { dtype },
      );
    case 'int4':
    case 'uint4':
    case 'int2':
    case 'uint2':
    case 'float4_e2m1fn':
    case 'f6_e2m3':
    case 'f6_e3m2':
      throw new UnsupportedDTypeError(
        `${dtype} packs several elements into one byte and cannot be held on a device: cast it to another dtype first.`,
        { dtype },
      );
  }
}

/** Bytes that `count` elements of `dtype` take on a device; widened dtypes take more than in storage. */
export function workingBytes(dtype: DType, count: number): number {
  return bytesFor(workingType(dtype), count);
}

/**
 * @throws UnsupportedDTypeError for the packed and the quantized types, and for those that a gpu cannot
 * hold where `device` is one.
 */
export function assertHoldable(dtype: DType, device?: Device): void {
  const working = workingType(dtype);
  if (device?.type !== 'gpu' || isOnGpus(working)) return;
  throw new UnsupportedDTypeError(
    `${device} cannot hold ${dtype}: GPUs compute with no such numbers. Keep the copy on cpu(0), or cast it first, for example to ${NARROWER[working]}.`,
    { dtype, device: device.toString() },
  );
}

/** Whether gpus can hold arrays of `dtype`. */
export function isHoldableOnGpus(dtype: DType): boolean {
  return isOnGpus(workingType(dtype));
}

type CpuOnly = Exclude<WorkingType, 'float32' | 'int32' | 'bool' | 'complex64'>;

const NARROWER: Record<CpuOnly, DType> = {
  float64: 'float32',
  int64: 'int32',
  uint64: 'int32',
  uint32: 'int32',
  complex128: 'complex64',
};

function isOnGpus(working: WorkingType): working is Exclude<WorkingType, CpuOnly> {
  return !(working in NARROWER);
}
