import { expect, test } from 'vitest';
import { DeviceMemory } from '../../../core/device/worker/device-memory.ts';

function spoiledMemory(): DeviceMemory {
  const memory = new DeviceMemory();
  memory.run({ kind: 'create', handle: 1, dtype: 'float32', shape: [2] });
  memory.run({ kind: 'cast', handle: 2, source: 99, dtype: 'float32' });
  memory.run({ kind: 'cast', handle: 3, source: 2, dtype: 'int8' });
  return memory;
}

test('an op that fails is silent until its result is read, and spoils what is made of it', () => {
  const memory = spoiledMemory();
  expect(memory.answer({ kind: 'norm', handle: 1 })).toBe(0);
  expect(() => memory.answer({ kind: 'norm', handle: 3 })).toThrow('no array 99');
  expect(() => memory.answer({ kind: 'sync', handles: [1, 2] })).toThrow('no array 99');
});

test('waitAll throws an error that nobody has seen, once', () => {
  const memory = spoiledMemory();
  expect(() => memory.answer({ kind: 'waitAll' })).toThrow('no array 99');
  expect(memory.answer({ kind: 'waitAll' })).toBeNull();
});

test('waitAll is silent about an error that a read has thrown', () => {
  const memory = spoiledMemory();
  expect(() => memory.answer({ kind: 'norm', handle: 2 })).toThrow();
  expect(memory.answer({ kind: 'waitAll' })).toBeNull();
});

test('a failed write spoils its array, and freeing it clears the handle', () => {
  const memory = spoiledMemory();
  memory.run({ kind: 'assign', handle: 1, source: 2 });
  expect(() => memory.answer({ kind: 'norm', handle: 1 })).toThrow('no array 99');
  for (const handle of [1, 2, 3]) memory.run({ kind: 'free', handle });
  expect(memory.answer({ kind: 'census' })).toMatchObject({ arrays: 0, bytes: 0 });
  expect(() => memory.answer({ kind: 'norm', handle: 1 })).toThrow('no array 1');
});
