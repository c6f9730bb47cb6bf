import type { DType } from '../../../ndarray/dtype.ts';
import type { DeviceName } from '../../protocol.ts';
import { workingType } from '../../working-type.ts';
import type { DeviceArray } from '../device-array.ts';
import type { tf } from '../tensorflow.ts';
import type { ElementProgram, ElementType, Parameters } from './program.ts';

/** A program and what it runs on: tensors with as many elements as the program was told, however they are shaped. */
export interface ProgramCall {
  readonly program: ElementProgram;
  readonly inputs: readonly tf.Tensor[];
  /** Elements of the result. */
  readonly count: number;
  readonly parameters?: Parameters;
}

/**
 * One logical GPU: a TensorFlow.js backend of its own. Tensors are vectors of the working elements in C
 * order; complex64 is a vector of twice as many float32.
 */
export interface GpuDevice {
  readonly name: DeviceName;
  /** The backend's name at TensorFlow.js. */
  readonly backendName: string;
  readonly kind: 'webgpu' | 'webgl';
  /** True where the device holds elements of this dtype bit for bit; others stay in the worker's own memory. */
  holds(dtype: DType): boolean;
  zeros(type: ElementType, count: number): tf.Tensor;
  run(call: ProgramCall): tf.Tensor;
  /** A tensor of the bits of `array`. */
  upload(array: DeviceArray): tf.Tensor;
  /** The elements of `tensor` from `start` on into the whole of `array`. */
  download(tensor: tf.Tensor, start: number, array: DeviceArray): Promise<void>;
  /** What a device can do to parts of a tensor; null where arrays are changed in the worker's memory. */
  readonly parts: TensorParts | null;
  /** Does `work`. @throws OutOfMemoryError, InvalidStateError where the driver refused a part of it. */
  guard(work: () => Promise<void>): Promise<void>;
  /** Waits where much is under way to the GPU, so that staging memory stays bounded. */
  throttle(): Promise<void>;
  /** Makes TensorFlow.js' own operators run on this device until another is made so. */
  activate(): void;
  /** Gives memory back that nothing holds any more. */
  trim(): void;
  /** Resolves once all submitted work is done; rejects with the first error since. */
  finish(): Promise<void>;
  /** Resolves with why, when the device is lost. */
  readonly lost: Promise<string>;
  destroy(): void;
}

export interface TensorParts {
  /** Writes the bits of `chunk` into `tensor`, which nobody else may hold. */
  write(tensor: tf.Tensor, start: number, chunk: DeviceArray): void;
  copy(tensor: tf.Tensor): tf.Tensor;
}

/** True for the dtypes that a GPU can hold (design.md §4.3). */
export function isGpuDType(dtype: DType): boolean {
  return ['float32', 'int32', 'bool', 'complex64'].includes(workingType(dtype));
}

export function elementTypeOf(dtype: DType): ElementType {
  switch (workingType(dtype)) {
    case 'int32':
    case 'bool':
      return 'i32';
    default:
      return 'f32';
  }
}

/** Tensor elements of one array element. */
export function partsOfElement(dtype: DType): number {
  return dtype === 'complex64' ? 2 : 1;
}
