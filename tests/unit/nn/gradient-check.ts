import { expect } from 'vitest';
import type { NDArray } from '../../../core/device/nd-array.ts';
import { sharedRuntime } from '../../../core/device/shared-runtime.ts';
import type { Block } from '../../../core/nn/block.ts';
import { record } from '../../../core/symbol/autograd.ts';

/** Values in (-1, 1), the same on every run: the fractional parts of multiples of an irrational number. */
export function someValues(count: number, offset = 0): number[] {
  return Array.from({ length: count }, (_, i) => (((i + 1 + offset) * Math.SQRT2) % 1) * 2 - 1);
}

export function arrayOf(values: readonly number[], shape: readonly number[] = [values.length]): NDArray {
  return sharedRuntime().fromBytes({
    shape,
    dtype: 'float32',
    bytes: new Uint8Array(Float32Array.from(values).buffer),
  });
}

export function indicesOf(values: readonly number[], shape: readonly number[] = [values.length]): NDArray {
  return sharedRuntime().fromBytes({ shape, dtype: 'int32', bytes: new Uint8Array(Int32Array.from(values).buffer) });
}

export async function numbersOf(array: NDArray): Promise<number[]> {
  return Array.from(await array.data(), Number);
}

export function expectClose(found: readonly number[], expected: readonly number[], tolerance = 1e-5): void {
  expect(found.length).toBe(expected.length);
  const furthest = found.reduce((most, value, i) => Math.max(most, Math.abs(value - (expected[i] ?? Number.NaN))), 0);
  expect(furthest, `${found.join(', ')} against ${expected.join(', ')}`).toBeLessThanOrEqual(tolerance);
}

interface Checked {
  readonly block: Block;
  readonly inputs: readonly NDArray[];
  /** Inputs whose gradient is wanted as well. */
  readonly differentiable?: readonly number[];
  /** Called before every forward, to make random layers repeat themselves. */
  readonly before?: () => void;
}

const STEP = 1e-2;
const TOLERANCE = 5e-3;

/**
 * The gradients of a weighed sum of the outputs, by backward and by central differences in training
 * mode: for every element of every Parameter and of the inputs that are differentiable.
 */
export async function checkGradients({ block, inputs, differentiable = [], before }: Checked): Promise<void> {
  const wanted = differentiable.map((index) => inputs[index]).filter((input) => input !== undefined);
  for (const input of wanted) input.attachGrad();
  before?.();
  const output = record(() => block.forward(...inputs));
  const weights = someValues(output.size, 7);
  await output.backward(arrayOf(weights, output.shape));

  const value = async () => {
    before?.();
    const values = await numbersOf(record(() => block.forward(...inputs)));
    return values.reduce((sum, y, i) => sum + y * (weights[i] ?? 0), 0);
  };
  for (const parameter of block.collectParams().values()) {
    if (parameter.gradReq === 'null') continue;
    const found = await numbersOf(parameter.grad());
    expectClose(found, await differences(parameter.data(), value), TOLERANCE);
  }
  for (const input of wanted) {
    const found = await numbersOf(input.grad ?? arrayOf([]));
    expectClose(found, await differences(input, value), TOLERANCE);
  }
}

async function differences(array: NDArray, value: () => Promise<number>): Promise<number[]> {
  const original = await numbersOf(array);
  const moved = async (index: number, by: number) => {
    array.runtime.assign(array, arrayOf(original.with(index, (original[index] ?? 0) + by), array.shape));
    return await value();
  };
  const result: number[] = [];
  for (const index of original.keys()) {
    result.push(((await moved(index, STEP)) - (await moved(index, -STEP))) / (2 * STEP));
  }
  array.runtime.assign(array, arrayOf(original, array.shape));
  return result;
}
