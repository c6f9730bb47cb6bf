import { numberOf, scalarOf } from '../../attributes.ts';
import { BLOCK, writeNumbers } from '../convert.ts';
import { type BigInts, type DeviceArray, type Numbers, partsOf } from '../device-array.ts';
import { registerKernel } from './registry.ts';

/** Every element of every output becomes the attribute `value`. */
registerKernel('full', (_inputs, attributes, outputs) => {
  const value = scalarOf(attributes, 'value');
  for (const output of outputs) fill(output, value);
});

/** A scalar of the input's dtype: the attribute `value`. */
registerKernel('scalar_like', (_inputs, attributes, [output]) => {
  if (output) fill(output, scalarOf(attributes, 'value'));
});

/** `start + i * step`, computed in float64. */
registerKernel('arange', (_inputs, attributes, [output]) => {
  if (!output) return;
  const start = numberOf(attributes, 'start');
  const step = numberOf(attributes, 'step');
  for (let first = 0; first < output.size; first += BLOCK) {
    const count = Math.min(BLOCK, output.size - first);
    writeNumbers(
      output,
      first,
      Float64Array.from({ length: count }, (_, i) => start + (first + i) * step),
    );
  }
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
