import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { cpu, withDevice } from '../../../core/device/device.ts';
import { DeviceLostError, InvalidArgumentError, OutOfMemoryError, ShapeMismatchError } from '../../../core/errors.ts';
import { bytesOf, mortalRuntime, openRuntime } from './runtimes.ts';

const run = promisify(execFile);
const runtime = openRuntime();

function float32(...values: number[]) {
  return runtime.fromBytes({ shape: [values.length], dtype: 'float32', bytes: bytesOf(Float32Array.from(values)) });
}

describe('order', () => {
  test('ops run in the order in which they were enqueued, reads see what came before them', async () => {
    const array = float32(1, 2);
    const before = array.data();
    runtime.assign(array, float32(3, 4));
    const between = array.data();
    runtime.zero(array);
    expect(await array.data()).toEqual(Float32Array.of(0, 0));
    expect(await between).toEqual(Float32Array.of(3, 4));
    expect(await before).toEqual(Float32Array.of(1, 2));
  });

  test('an array that is disposed of right after its use still served that use', async () => {
    const source = float32(5, 6);
    const copy = source.copyTo(cpu(3));
    source.dispose();
    expect(await copy.data()).toEqual(Float32Array.of(5, 6));
    expect(() => source.asType('int8')).toThrow('disposed');
  });

  test('detached handles share one memory until the last is disposed of', async () => {
    const array = float32(1, 2);
    const view = array.detach();
    runtime.assign(array, float32(7, 8));
    array.dispose();
    expect(await view.data()).toEqual(Float32Array.of(7, 8));
  });
});

describe('arithmetic', () => {
  test('the norm is the float64 root of the sum of squares, null for complex', async () => {
    const complex = runtime.fromBytes({ shape: [1], dtype: 'complex64', bytes: bytesOf(Float32Array.of(3, 4)) });
    const longs = runtime.fromBytes({ shape: [2], dtype: 'int64', bytes: bytesOf(BigInt64Array.of(-3n, 4n)) });
    expect(await float32(3e-30, 4e-30).norm()).toBeCloseTo(5e-30, 36);
    expect(await longs.norm()).toBe(5);
    expect(await complex.norm()).toBeNull();
  });

  test('P-175: the mean is taken in float64; integers round to nearest, ties to even', async () => {
    const int8 = (...values: number[]) =>
      runtime.fromBytes({ shape: [values.length], dtype: 'int8', bytes: bytesOf(Int8Array.from(values)) });
    const big = (value: bigint) =>
      runtime.fromBytes({ shape: [1], dtype: 'int64', bytes: bytesOf(BigInt64Array.of(value)) });
    const mean = runtime.mean([int8(0, 1, -1, 127), int8(1, 2, -2, 127)], cpu());
    expect(await mean.data()).toEqual(Int8Array.of(0, 2, -2, 127));
    expect(await runtime.mean([float32(1, 2), float32(2, 4)], cpu()).data()).toEqual(Float32Array.of(1.5, 3));
    expect(await runtime.mean([big(2n ** 62n + 1n), big(2n ** 62n + 3n)], cpu()).data()).toEqual(
      BigInt64Array.of(2n ** 62n + 2n),
    );
  });

  test('arrays of other shapes are refused', () => {
    expect(() => runtime.assign(float32(1), float32(1, 2))).toThrow(ShapeMismatchError);
    expect(() => runtime.mean([float32(1), float32(1, 2)], cpu())).toThrow(ShapeMismatchError);
  });
});

describe('places', () => {
  test('an array is made on the current device unless one is named', () => {
    const made = withDevice(cpu(2), () => runtime.zeros({ shape: [1], dtype: 'bool' }));
    expect(String(made.device)).toBe('cpu(2)');
  });

  test('arrays of another runtime are refused', () => {
    const other = openRuntime().zeros({ shape: [1], dtype: 'float32' });
    expect(() => runtime.assign(float32(1), other)).toThrow(InvalidArgumentError);
  });

  test('writes and reads outside an array are refused', async () => {
    const bytes = new Uint8Array(8);
    expect(() => runtime.upload(float32(1, 2), { dtype: 'float32', offset: 1, bytes })).toThrow(InvalidArgumentError);
    await expect(float32(1, 2).bytes({ start: 1, count: 2 })).rejects.toThrow(InvalidArgumentError);
  });
});

describe('memory', () => {
  test('bytes are counted per device as the device holds them', () => {
    const counted = openRuntime();
    const half = counted.zeros({ shape: [10], dtype: 'float16', device: cpu(1) });
    counted.zeros({ shape: [10], dtype: 'float64', device: cpu(0) });
    expect([counted.heldBytes(cpu(0)), counted.heldBytes(cpu(1)), counted.heldBytes()]).toEqual([80, 40, 120]);
    half.dispose();
    expect([counted.heldBytes(cpu(1)), counted.heldBytes()]).toEqual([0, 80]);
  });

  test('what exceeds the budget is refused before memory is asked for, and says what to do', async () => {
    const small = openRuntime({ memoryBudget: 1000 });
    const first = small.zeros({ shape: [200], dtype: 'float32' });
    expect(() => small.zeros({ shape: [60], dtype: 'float32' })).toThrow(OutOfMemoryError);
    expect(() => small.zeros({ shape: [60], dtype: 'float32' })).toThrow(/240 bytes .* only 200 bytes .* Unload/);
    first.dispose();
    small.zeros({ shape: [60], dtype: 'float32' });
    expect((await small.census()).bytes).toBe(240);
  });

  test('no array over 2 GiB is started, whatever the budget', () => {
    const generous = openRuntime({ memoryBudget: 2 ** 50 });
    expect(() => generous.zeros({ shape: [2 ** 20, 2 ** 11], dtype: 'float16' })).toThrow('2.0 GiB');
    expect(generous.heldBytes()).toBe(0);
  });

  test('1,000 arrays that were disposed of leave no tensor behind', async () => {
    const clean = openRuntime();
    const before = await clean.census();
    for (let i = 0; i < 1000; i++) {
      const dtype = (['float32', 'complex64', 'bfloat16', 'int64', 'bool'] as const)[i % 5]!;
      const array = clean.zeros({ shape: [7], dtype });
      array.asType('float16').dispose();
      array.dispose();
    }
    expect(await clean.census()).toEqual(before);
    expect(clean.heldBytes()).toBe(0);
  });

  test('1,000 handles that were dropped are freed when they are collected', async () => {
    const clean = openRuntime();
    for (let i = 0; i < 1000; i++) clean.zeros({ shape: [64], dtype: 'float32' });
    expect((await clean.census()).arrays).toBeGreaterThan(0);
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    for (let i = 0; i < 50 && clean.heldBytes() > 0; i++) {
      collect();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(await clean.census()).toEqual({ arrays: 0, tensors: 0, bytes: 0 });
  });
});

describe('a worker that dies', () => {
  test('its arrays are lost with DeviceLostError, others go on, and their bytes are struck off', async () => {
    const { runtime: mortal, kill } = mortalRuntime();
    const array = mortal.zeros({ shape: [4], dtype: 'float32' });
    await mortal.waitAll();
    await kill();
    expect(array.lost).toBe(true);
    expect(mortal.heldBytes()).toBe(0);
    await expect(array.bytes()).rejects.toThrow(DeviceLostError);
    expect(() => array.copyTo(cpu(1))).toThrow(DeviceLostError);
    const next = mortal.zeros({ shape: [1], dtype: 'float32' });
    expect(await next.data()).toEqual(Float32Array.of(0));
    array.dispose();
    expect(mortal.heldBytes()).toBe(4);
  });

  test('a read that it owed rejects', async () => {
    const { runtime: mortal, kill } = mortalRuntime();
    const array = mortal.zeros({ shape: [2 ** 20], dtype: 'float32' });
    const read = expect(array.norm()).rejects.toThrow(DeviceLostError);
    await kill();
    await read;
  });
});

test('an idle worker neither keeps the process alive nor writes to stdout', async () => {
  const url = new URL('../../../dist/core/device/runtime.js', import.meta.url);
  const script = `
    const { DeviceRuntime } = await import(${JSON.stringify(fileURLToPath(url))});
    const array = new DeviceRuntime().zeros({ shape: [3], dtype: 'float32' });
    console.log(JSON.stringify(await array.norm()));`;
  const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', script]);
  expect({ stdout, stderr }).toEqual({ stdout: '0\n', stderr: '' });
});
