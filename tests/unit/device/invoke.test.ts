import { expect, test } from 'vitest';
import { cpu } from '../../../core/device/device.ts';
import { DeviceMismatchError, InvalidArgumentError } from '../../../core/errors.ts';
import { openRuntime } from './runtimes.ts';

const runtime = openRuntime();

test('an invoked kernel writes new arrays on the named device', async () => {
  const [filled] = runtime.invoke('full', [], {
    attributes: { value: 2.5 },
    outputs: [{ shape: [2, 2], dtype: 'float16', device: cpu(1) }],
  });
  expect(filled?.device).toEqual(cpu(1));
  expect(await filled?.data()).toEqual(Float32Array.of(2.5, 2.5, 2.5, 2.5));
});

test('an invoked kernel changes targets in place', async () => {
  const target = runtime.zeros({ shape: [3], dtype: 'int64' });
  runtime.invokeInto('full', [], { attributes: { value: -(2n ** 60n) - 1n }, targets: [target] });
  expect(await target.data()).toEqual(BigInt64Array.of(-(2n ** 60n) - 1n, -(2n ** 60n) - 1n, -(2n ** 60n) - 1n));
});

test('an unknown kernel spoils its outputs, and only them', async () => {
  const kept = runtime.zeros({ shape: [1], dtype: 'float32' });
  const outputs = [
    { shape: [1], dtype: 'float32' as const },
    { shape: [1], dtype: 'float32' as const },
  ];
  const spoiled = runtime.invoke('no_such_operator', [kept], { outputs });
  for (const array of spoiled) await expect(array.data()).rejects.toThrow(InvalidArgumentError);
  expect(await kept.data()).toEqual(Float32Array.of(0));
  await expect(runtime.waitAll()).resolves.toBeUndefined();
});

test('inputs on several devices are refused by name, and nothing is allocated', async () => {
  const here = runtime.zeros({ shape: [1], dtype: 'float32', device: cpu(0) });
  const there = runtime.zeros({ shape: [1], dtype: 'float32', device: cpu(1) });
  const held = runtime.heldBytes();
  const call = { outputs: [{ shape: [1], dtype: 'float32' as const }] };
  expect(() => runtime.invoke('add', [here, there], call)).toThrow(DeviceMismatchError);
  expect(() => runtime.invoke('add', [here, there], call)).toThrow('add takes arrays of one device');
  expect(runtime.heldBytes()).toBe(held);
});
