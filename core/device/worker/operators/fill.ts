import { scalarOf } from '../../attributes.ts';
import { writeNumbers } from '../convert.ts';
import { type BigInts, type DeviceArray, type Numbers, partsOf } from '../device-array.ts';
import { registerKernel } from './registry.ts';

/** Every element of every output becomes the attribute `value`. */
registerKernel('full', (_inputs, attributes, outputs) => {
  const value = scalarOf(attributes, 'value');
  for (const output of outputs) fill(output, value);
});

/** Rounded to the array's dtype; integers saturate, complex gets an imaginary part of 0. */
export function fill(array: DeviceArray, value: number | bigint): void {
  if (array.size === 0) return;
  const { elements } = array;
  if (elements.kind === 'bigints' && typeof value === 'bigint') {
    elements.values[0] = value;
  } else {
    writeNumbers(array, 0, Float64Array.of(Number(value)));
  }
  for (const part of partsOf(elements)) repeatFirst(part);
}

function repeatFirst(part: Numbers | BigInts): void {
  if (part instanceof BigInt64Array || part instanceof BigUint64Array) part.fill(part[0] ?? 0n, 1);
  else part.fill(part[0] ?? 0, 1);
}
