import { writeNumbers } from '../convert.ts';
import type { DeviceArray } from '../device-array.ts';
import { registerKernel } from './registry.ts';
import { realsOf } from './results.ts';

/** The L2 norm of the difference of two arrays of one shape and dtype, in float64; complex parts count as elements. */
registerKernel('l2_distance', ([a, b], _attributes, [output]) => {
  if (a && b && output) writeNumbers(output, 0, Float64Array.of(Math.sqrt(squaredDistance(a, b))));
});

function squaredDistance(first: DeviceArray, second: DeviceArray): number {
  const [{ elements: a }, { elements: b }] = [first, second];
  if (a.kind === 'numbers' && b.kind === 'numbers') return sumOfSquares(realsOf(first), realsOf(second));
  if (a.kind === 'complex' && b.kind === 'complex') return sumOfSquares(a.re, b.re) + sumOfSquares(a.im, b.im);
  let total = 0;
  if (a.kind === 'bigints' && b.kind === 'bigints') {
    for (let i = 0; i < a.values.length; i++) total += Number((a.values[i] ?? 0n) - (b.values[i] ?? 0n)) ** 2;
  }
  return total;
}

function sumOfSquares(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += ((a[i] ?? 0) - (b[i] ?? 0)) ** 2;
  return total;
}
