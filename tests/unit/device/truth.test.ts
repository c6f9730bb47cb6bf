import { expect, test } from 'vitest';
import { cpu } from '../../../core/device/device.ts';
import type { NDArray } from '../../../core/device/nd-array.ts';
import '../../../core/symbol/invoke.ts';
import { openRuntime } from './runtimes.ts';

const runtime = openRuntime();
const BYTES = Uint8Array.of(0, 1, 2, 255);

function odd(): NDArray {
  return runtime.fromBytes({ shape: [4], dtype: 'bool', bytes: BYTES });
}

const truth = [false, true, true, true];

test.each<[string, () => NDArray, unknown]>([
  ['casts to float32', () => odd().asType('float32'), [0, 1, 1, 1]],
  ['casts to int32', () => odd().asType('int32'), [0, 1, 1, 1]],
  ['casts to int64', () => odd().asType('int64'), [0n, 1n, 1n, 1n]],
  ['casts to float16', () => odd().asType('float16'), [0, 1, 1, 1]],
  ['compares', () => odd().equal(runtime.fromBytes({ shape: [1], dtype: 'bool', bytes: BYTES.slice(1, 2) })), truth],
  ['has roots', () => odd().sqrt(), [0, 1, 1, 1]],
])('a bool with odd bytes %s as true and false', async (_, compute, expected) => {
  expect(await compute().array()).toEqual(expected);
});

test('its norm, and the distance from what means the same', async () => {
  expect(await odd().norm()).toBe(Math.sqrt(3));
  const plain = runtime.fromBytes({ shape: [4], dtype: 'bool', bytes: Uint8Array.of(0, 1, 1, 1) });
  expect(await odd().distanceTo(plain)).toEqual({ l2: 0, max: 0 });
  expect(await odd().statistics()).toMatchObject({ count: 4, zeros: 1, min: 0, max: 1, mean: 0.75 });
});

test('untouched bytes are kept, on another device too', async () => {
  expect(await odd().bytes()).toEqual(BYTES);
  expect(await odd().copyTo(cpu(1)).bytes()).toEqual(BYTES);
  expect(await odd().array()).toEqual(truth);
});
