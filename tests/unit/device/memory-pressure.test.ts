import { expect, test } from 'vitest';
import { OutOfMemoryError } from '../../../core/errors.ts';
import { openRuntime } from './runtimes.ts';

const MIB = 2 ** 20;

test('a loop that drops its arrays does not run out of device memory', async () => {
  const runtime = openRuntime({ memoryBudget: 16 * MIB });
  for (let i = 0; i < 200; i++) {
    const array = runtime.zeros({ shape: [MIB / 4], dtype: 'float32' });
    await runtime.sync([array]);
    // Collections run between the tasks of the event loop.
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  expect(runtime.heldBytes()).toBeLessThanOrEqual(16 * MIB);
});

test('arrays that are held are not mistaken for garbage', async () => {
  const runtime = openRuntime({ memoryBudget: 16 * MIB });
  const held = Array.from({ length: 16 }, () => runtime.zeros({ shape: [MIB / 4], dtype: 'float32' }));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(() => runtime.zeros({ shape: [1], dtype: 'float32' })).toThrow(OutOfMemoryError);
  await expect(Promise.all(held.map((array) => array.norm()))).resolves.toHaveLength(16);
});
