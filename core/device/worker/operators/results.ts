import { UnsupportedDTypeError } from '../../../errors.ts';
import { isByteFloat, roundFloats } from '../../../ndarray/codec/float-codec.ts';
import { dtypeInfo } from '../../../ndarray/dtype.ts';
import type { BigInts, DeviceArray, Numbers } from '../device-array.ts';
import type { tf } from '../tensorflow.ts';
import { truthValues } from '../truth.ts';

/** How kernels get at elements and leave results as storage of the output's dtype would hold them. */

/** @throws UnsupportedDTypeError for the dtypes that TensorFlow.js does not have. */
export function tensorOf(array: DeviceArray): tf.Tensor {
  if (array.tensor) return array.tensor;
  throw new UnsupportedDTypeError(`There is no kernel of this operator for ${array.dtype}: cast it to float32 first.`);
}

/** @throws UnsupportedDTypeError for 64-bit integers and complex numbers. */
export function numbersOf(array: DeviceArray): Numbers {
  if (array.elements.kind === 'numbers') return array.elements.values;
  throw new UnsupportedDTypeError(`There is no kernel of this operator for ${array.dtype}: cast it first.`);
}

/** The elements as numbers: 64-bit integers rounded to float64, all that is not false as 1. */
export function realsOf(array: DeviceArray): Numbers {
  if (array.dtype === 'bool') return truthValues(numbersOf(array));
  if (array.elements.kind !== 'bigints') return numbersOf(array);
  return Float64Array.from(array.elements.values as Iterable<bigint>, Number);
}

/** @throws UnsupportedDTypeError for all but the 64-bit integers. */
export function bigIntsOf(array: DeviceArray): BigInts {
  if (array.elements.kind === 'bigints') return array.elements.values;
  throw new UnsupportedDTypeError(`There is no kernel of this operator for ${array.dtype}: cast it first.`);
}

/** The result of TensorFlow.js, whose own memory is freed with the kernel's tidy. */
export function writeTensor(output: DeviceArray, result: tf.Tensor): void {
  numbersOf(output).set(result.dataSync());
  settle(output);
}

/** Rounds what was computed in wider numbers: narrow floats to nearest even, narrow integers wrap as in NumPy. */
export function settle(output: DeviceArray): void {
  const { dtype, elements } = output;
  if (elements.kind !== 'numbers') return;
  const { values } = elements;
  if (isByteFloat(dtype)) roundFloats(dtype, new Uint32Array(values.buffer, values.byteOffset, values.length));
  else if (output.working === 'int32' && dtype !== 'int32') wrapIntegers(values, dtypeInfo(dtype));
}

function wrapIntegers(values: Numbers, { kind, bits }: { readonly kind: string; readonly bits: number }): void {
  const shift = 32 - bits;
  if (kind === 'int') for (let i = 0; i < values.length; i++) values[i] = ((values[i] ?? 0) << shift) >> shift;
  else for (let i = 0; i < values.length; i++) values[i] = ((values[i] ?? 0) << shift) >>> shift;
}
