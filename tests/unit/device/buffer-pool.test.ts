import { afterEach, expect, test, vi } from 'vitest';
import type { MemoryOp } from '../../../core/device/protocol.ts';
import { BufferPool } from '../../../core/device/worker/buffer-pool.ts';
import { DeviceMemory } from '../../../core/device/worker/device-memory.ts';
import { bytesFor, type DType } from '../../../core/ndarray/dtype.ts';

const MIB = 2 ** 20;

afterEach(() => {
  vi.useRealTimers();
});

test('a buffer that was given is taken once, by its size', () => {
  const pool = new BufferPool();
  const buffer = new ArrayBuffer(MIB);
  pool.give(buffer);
  expect([pool.take(2 * MIB), pool.take(MIB), pool.take(MIB)]).toEqual([undefined, buffer, undefined]);
  pool.clear();
});

test('small buffers are not kept, and of many large ones the last 512 MiB', () => {
  const pool = new BufferPool();
  pool.give(new ArrayBuffer(MIB - 1));
  expect(pool.take(MIB - 1)).toBeUndefined();
  const size = 200 * MIB;
  for (let i = 0; i < 3; i++) pool.give(new ArrayBuffer(size));
  expect([1, 2, 3].map(() => pool.take(size)?.byteLength)).toEqual([size, size, undefined]);
  pool.clear();
});

test('buffers that nobody takes for a second go back to the system', () => {
  vi.useFakeTimers();
  const pool = new BufferPool();
  pool.give(new ArrayBuffer(MIB));
  vi.advanceTimersByTime(900);
  pool.give(new ArrayBuffer(2 * MIB));
  vi.advanceTimersByTime(999);
  expect(pool.take(MIB)?.byteLength).toBe(MIB);
  vi.advanceTimersByTime(1);
  expect(pool.take(2 * MIB)).toBeUndefined();
});

const DTYPES: readonly DType[] = ['float32', 'float16', 'int8', 'bool', 'float64', 'int64', 'complex64', 'complex128'];

/** Memory in which an array of ones was freed, of the size that an array of `dtype` takes. */
function used(dtype: DType, size: number): DeviceMemory {
  const memory = new DeviceMemory(() => ({ devices: [], reason: null }));
  run(memory, { kind: 'create', handle: 1, device: 'cpu(0)', dtype, shape: [size] }, full(1, dtype, size), {
    kind: 'free',
    handle: 1,
  });
  return memory;
}

function run(memory: DeviceMemory, ...ops: readonly MemoryOp[]): void {
  for (const op of ops) memory.run(op);
}

function full(handle: number, dtype: DType, size: number): MemoryOp {
  const outputs = [{ handle, device: 'cpu(0)' as const, shape: [size], dtype, isNew: false }];
  return { kind: 'invoke', name: 'full', inputs: [], outputs, attributes: { value: 1 } };
}

function bytesOf(memory: DeviceMemory, handle: number, count: number): Uint8Array {
  const answer = memory.answer({ kind: 'read', handle, start: 0, count, form: 'bytes' });
  if (!(answer instanceof ArrayBuffer)) throw new Error('not bytes');
  return new Uint8Array(answer);
}

test.each(DTYPES)('an array of %s in memory that was used before is zero, and zero around what is written', (dtype) => {
  const memory = used(dtype, MIB);
  run(memory, { kind: 'create', handle: 2, device: 'cpu(0)', dtype, shape: [MIB] });
  expect(bytesOf(memory, 2, MIB).every((byte) => byte === 0)).toBe(true);
  run(memory, full(2, dtype, MIB), { kind: 'free', handle: 2 });
  const bytes = new Uint8Array(bytesFor(dtype, 1)).fill(1).buffer;
  run(memory, { kind: 'create', handle: 3, device: 'cpu(0)', dtype, shape: [MIB] });
  run(memory, { kind: 'upload', handle: 3, dtype, offset: 7, bytes });
  const read = bytesOf(memory, 3, MIB);
  expect(read.reduce((count, byte) => count + (byte === 0 ? 0 : 1), 0)).toBe(bytesFor(dtype, 1));
  run(memory, { kind: 'free', handle: 3 });
});

test('a cast into memory that was used before overwrites all of it', () => {
  const memory = used('float32', MIB);
  const bytes = Int32Array.from({ length: MIB }, (_, i) => i - 5).buffer;
  run(memory, { kind: 'create', handle: 2, device: 'cpu(0)', dtype: 'int32', shape: [MIB] });
  run(memory, { kind: 'upload', handle: 2, dtype: 'int32', offset: 0, bytes });
  run(memory, { kind: 'free', handle: 1 }, { kind: 'cast', handle: 3, device: 'cpu(0)', source: 2, dtype: 'float32' });
  const values = new Float32Array(bytesOf(memory, 3, MIB).buffer);
  expect(values.every((value, i) => value === i - 5)).toBe(true);
});
