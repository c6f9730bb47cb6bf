import { type ArrayOptions, array } from '../../../core/device/nd.ts';
import type { NDArray } from '../../../core/device/nd-array.ts';
import type { DeviceRuntime } from '../../../core/device/runtime.ts';
import '../../../core/symbol/invoke.ts';
import type { Shape } from '../../../core/ndarray/shape.ts';
import { elementCount } from '../../../core/ndarray/shape.ts';

/** Numbers that look random and are the same in every run. */
export function numbers(count: number, seed = 1): Float64Array {
  let state = seed;
  return Float64Array.from({ length: count }, () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  });
}

/** A float64 array of numbers between `low` and `high`. */
export function randomArray(
  runtime: DeviceRuntime,
  shape: Shape,
  { seed = 1, low = -1, high = 1, ...options }: { seed?: number; low?: number; high?: number } & ArrayOptions = {},
): NDArray {
  const values = numbers(elementCount(shape), seed).map((value) => low + value * (high - low));
  return array(values, { dtype: 'float64', ...options, shape, runtime });
}

export async function numbersOf(array: NDArray): Promise<number[]> {
  return Array.from(await array.data(), Number);
}
