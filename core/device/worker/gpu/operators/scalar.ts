import { InvalidStateError } from '../../../../errors.ts';
import type { DType } from '../../../../ndarray/dtype.ts';
import { DeviceArray } from '../../device-array.ts';
import { fill as fillOnProcessor } from '../../operators/fill.ts';
import type { GpuArray } from '../gpu-array.ts';
import { elementTypeOf } from '../gpu-device.ts';
import { launch } from '../launch.ts';
import type { Parameters } from '../program.ts';

/** A number as an array of `dtype` would hold it. */
export function scalarOfDType(dtype: DType, value: number | bigint): number {
  const array = new DeviceArray(dtype, []);
  fillOnProcessor(array, value);
  const { elements } = array;
  const stored = elements.kind === 'numbers' ? elements.values[0] : undefined;
  array.dispose();
  if (stored === undefined) throw new InvalidStateError(`There is no number of ${dtype} in a program.`);
  return stored;
}

/** The parameter `scalar` of a program whose elements are of `dtype`. */
export function scalarParameter(
  dtype: DType,
  value: number,
): { readonly integers: Parameters; readonly floats: Parameters } {
  const isFloat = elementTypeOf(dtype) === 'f32';
  return { integers: isFloat ? {} : { scalar: value }, floats: isFloat ? { scalar: value } : {} };
}

/** Every element becomes `value`, rounded to the dtype. */
export function fill(output: GpuArray, value: number | bigint): void {
  const type = elementTypeOf(output.dtype);
  launch(output, {
    name: 'fill',
    inputs: [],
    ...scalarParameter(output.dtype, scalarOfDType(output.dtype, value)),
    code: [`fn element(index: i32) -> ${type} { return scalar(); }`],
  });
}
