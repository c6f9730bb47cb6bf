import type { NDArray } from '../../../core/device/nd-array.ts';
import type { DeviceRuntime } from '../../../core/device/runtime.ts';
import { InitDesc, type Initializer } from '../../../core/initializer/index.ts';
import type { DType } from '../../../core/ndarray/dtype.ts';
import type { Shape } from '../../../core/ndarray/shape.ts';

interface Target {
  readonly runtime: DeviceRuntime;
  readonly shape: Shape;
  readonly dtype?: DType;
  readonly name?: string;
}

/** What `initializer` makes of a weight. */
export async function weightOf(initializer: Initializer, target: Target): Promise<number[]> {
  const array = zeros(target);
  initializer.apply(new InitDesc(target.name ?? 'w_weight'), array);
  const values = await valuesOf(array);
  array.dispose();
  return values;
}

export function zeros({ runtime, shape, dtype = 'float32' }: Target): NDArray {
  return runtime.zeros({ shape, dtype });
}

export async function valuesOf(array: NDArray): Promise<number[]> {
  return Array.from<number | bigint, number>(await array.data(), Number);
}

export interface Moments {
  readonly count: number;
  readonly mean: number;
  readonly variance: number;
  readonly min: number;
  readonly max: number;
}

export function momentsOf(values: readonly number[]): Moments {
  const count = values.length;
  let [sum, min, max] = [0, Infinity, -Infinity];
  for (const value of values) {
    sum += value;
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  const mean = sum / count;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return { count, mean, variance: squares / (count - 1), min, max };
}
