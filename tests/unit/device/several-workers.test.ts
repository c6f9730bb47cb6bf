import { describe, expect, test } from 'vitest';
import { cpu, gpu } from '../../../core/device/device.ts';
import type { NDArray } from '../../../core/device/nd-array.ts';
import { isHoldableOnGpus } from '../../../core/device/working-type.ts';
import {
  DeviceMismatchError,
  InvalidStateError,
  OutOfMemoryError,
  UnsupportedDTypeError,
} from '../../../core/errors.ts';
import { bytesFor } from '../../../core/ndarray/dtype.ts';
import { doubleRuntime } from './gpu-double.ts';
import { bytesOf, HOLDABLE_DTYPES } from './runtimes.ts';

const { runtime, processes } = doubleRuntime();

const MIB = 2 ** 20;
/** More than the pieces that may be under way, and no whole number of them. */
const LARGE = 9 * (MIB / 4) + 12_345;

function float32(values: Float32Array, device = cpu()): NDArray {
  return runtime.fromBytes({ shape: [values.length], dtype: 'float32', device, bytes: bytesOf(values) });
}

function ramp(length: number, first = 0): Float32Array {
  return Float32Array.from({ length }, (_, i) => first + i);
}

/** To compare millions of elements one by one would take the matcher minutes. */
async function holds(array: NDArray, values: Float32Array): Promise<boolean> {
  return Buffer.from(await array.bytes()).equals(bytesOf(values));
}

describe('copies between workers', () => {
  test.each(HOLDABLE_DTYPES.filter(isHoldableOnGpus))(
    '%s keeps its bits to a gpu, between gpus and back',
    async (dtype) => {
      const bytes = new Uint8Array(bytesFor(dtype, 64)).map((_, i) => (dtype === 'bool' ? i % 2 : (i * 37) % 251));
      const source = runtime.fromBytes({ shape: [64], dtype, device: cpu(), bytes });
      const there = source.copyTo(gpu(0));
      const beside = there.copyTo(gpu(1));
      source.dispose();
      there.dispose();
      expect(String(beside.device)).toBe('gpu(1)');
      expect(await beside.copyTo(cpu(1)).bytes()).toEqual(bytes);
    },
  );

  test('what a gpu cannot hold is cast on the way to it', async () => {
    const doubles = runtime.fromBytes({
      shape: [2],
      dtype: 'float64',
      bytes: bytesOf(Float64Array.of(0.1, 1e300)),
    });
    const there = runtime.cast(doubles, 'float32', gpu(0));
    expect(await there.data()).toEqual(Float32Array.of(0.1, Number.POSITIVE_INFINITY));
    expect(await runtime.cast(there, 'float64', cpu()).data()).toEqual(
      Float64Array.of(Math.fround(0.1), Number.POSITIVE_INFINITY),
    );
  });

  test('an array of many pieces arrives whole, in both directions at once', async () => {
    const [here, there] = [float32(ramp(LARGE)), float32(ramp(LARGE, 7), gpu(0))];
    const [to, from] = [here.copyTo(gpu(1)), there.copyTo(cpu())];
    runtime.zero(here);
    runtime.zero(there);
    expect(await holds(from, ramp(LARGE, 7))).toBe(true);
    expect(await holds(to, ramp(LARGE))).toBe(true);
    expect(await here.norm()).toBe(0);
  });

  test('assign writes into an array of another worker in place, cast to its dtype', async () => {
    const target = runtime.zeros({ shape: [3], dtype: 'bfloat16', device: gpu(0) });
    runtime.assign(target, float32(Float32Array.of(1, 2.001, -3)));
    expect(await target.data()).toEqual(Float32Array.of(1, 2, -3));
    const back = runtime.zeros({ shape: [3], dtype: 'int64' });
    runtime.assign(back, target);
    expect(await back.data()).toEqual(BigInt64Array.of(1n, 2n, -3n));
  });

  test('the mean of copies on all devices is made where it is asked for', async () => {
    const copies = [cpu(), gpu(0), gpu(1)].map((device, i) => float32(Float32Array.of(i, 3 * i), device));
    for (const device of [cpu(), gpu(1)]) {
      const mean = runtime.mean(copies, device);
      expect(String(mean.device)).toBe(String(device));
      expect(await mean.data()).toEqual(Float32Array.of(1, 3));
    }
  });

  test('an empty array takes no way at all', async () => {
    const empty = float32(new Float32Array(0)).copyTo(gpu(0));
    expect(await empty.copyTo(cpu()).data()).toEqual(new Float32Array(0));
  });

  test('an op that failed on one worker spoils what another makes of it, and is told once', async () => {
    const [broken] = runtime.invoke('no_such_kernel', [], {
      outputs: [{ shape: [2], dtype: 'float32', device: cpu() }],
    });
    const there = broken?.copyTo(gpu(0));
    await expect(there?.copyTo(gpu(1)).data()).rejects.toThrow('no_such_kernel');
    await expect(runtime.waitAll()).resolves.toBeUndefined();
    expect(await float32(Float32Array.of(4)).copyTo(gpu(0)).data()).toEqual(Float32Array.of(4));
  });

  test('a transfer into an array that an earlier op spoiled stalls nobody', async () => {
    const target = runtime.zeros({ shape: [LARGE], dtype: 'float32', device: gpu(0) });
    runtime.invokeInto('no_such_kernel', [], { targets: [target] });
    runtime.assign(target, float32(ramp(LARGE)));
    await expect(target.norm()).rejects.toThrow('no_such_kernel');
    expect(await holds(float32(ramp(LARGE), gpu(1)).copyTo(cpu()), ramp(LARGE))).toBe(true);
  });
});

describe('large messages', () => {
  test('an upload of many pieces keeps its place among the ops around it', async () => {
    const array = runtime.zeros({ shape: [LARGE], dtype: 'float32', device: gpu(0) });
    runtime.upload(array, { dtype: 'float32', offset: 0, bytes: bytesOf(ramp(LARGE)) });
    const between = array.copyTo(gpu(0));
    runtime.zero(array);
    expect(await holds(between, ramp(LARGE))).toBe(true);
    expect(await array.norm()).toBe(0);
  });

  test('narrow floats are read as numbers and as they are stored', async () => {
    const array = runtime.cast(float32(ramp(LARGE).map((x) => x % 256)), 'bfloat16', gpu(0));
    const values = await array.data();
    expect([values.length, values[255], values[LARGE - 1]]).toEqual([LARGE, 255, (LARGE - 1) % 256]);
    expect((await array.bytes()).byteLength).toBe(2 * LARGE);
    expect(await array.bytes({ start: LARGE - 1, count: 1 })).toHaveLength(2);
  });

  test('bytes that were handed over are no longer the caller’s, whatever the link', () => {
    const bytes = new Uint8Array(4);
    runtime.upload(float32(Float32Array.of(1), gpu(0)), { dtype: 'float32', offset: 0, bytes });
    expect(bytes.byteLength).toBe(0);
  });
});

describe('what is refused before anything is enqueued', () => {
  test.each(['float64', 'int64', 'uint64', 'uint32', 'complex128'] as const)('%s on a gpu, by name', (dtype) => {
    expect(() => runtime.zeros({ shape: [1], dtype, device: gpu(1) })).toThrow(UnsupportedDTypeError);
    expect(() => runtime.zeros({ shape: [1], dtype, device: gpu(1) })).toThrow(new RegExp(`gpu\\(1\\).*${dtype}`));
  });

  test.each(['row_sparse', 'csr'] as const)('a %s array on a gpu, wherever it comes from', (stype) => {
    const dense = runtime.zeros({ shape: [2, 2], dtype: 'float32', device: cpu() });
    const refusal = `gpu(0) cannot hold a ${stype} array`;
    expect(() => dense.toStype(stype).copyTo(gpu(0))).toThrow(refusal);
    expect(() => dense.copyTo(gpu(0)).toStype(stype)).toThrow(UnsupportedDTypeError);
    expect(() => dense.copyTo(gpu(0)).toStype(stype)).toThrow(refusal);
  });

  test('a device that discovery did not find', async () => {
    await runtime.discover();
    expect(() => runtime.zeros({ shape: [1], dtype: 'float32', device: gpu(2) })).toThrow(DeviceMismatchError);
    expect(() => float32(Float32Array.of(1)).copyTo(gpu(9))).toThrow(
      'There is no gpu(9) here: there are gpu(0), gpu(1).',
    );
  });

  test('an array larger than the device takes, with both sizes', async () => {
    await runtime.discover();
    const shape = [2 ** 26];
    expect(() => runtime.zeros({ shape, dtype: 'float32', device: gpu(0) })).toThrow(OutOfMemoryError);
    expect(() => runtime.zeros({ shape, dtype: 'float32', device: gpu(0) })).toThrow(
      /256.0 MiB on gpu\(0\).*128.0 MiB/,
    );
    expect(runtime.zeros({ shape: [2 ** 20], dtype: 'float32' }).lost).toBe(false);
  });

  test('each gpu has a budget of its own', async () => {
    const { runtime: small } = doubleRuntime({ gpuMemoryBudget: 1000 });
    await small.discover();
    const first = small.zeros({ shape: [200], dtype: 'float32', device: gpu(0) });
    expect(() => first.copyTo(gpu(0))).toThrow(/800 bytes on gpu\(0\), but only 200 bytes/);
    const second = first.copyTo(gpu(1));
    first.copyTo(cpu());
    expect([gpu(0), gpu(1), cpu()].map((device) => small.heldBytes(device))).toEqual([800, 800, 800]);
    second.dispose();
    first.copyTo(gpu(1));
    expect(small.heldBytes(gpu(1))).toBe(800);
  });
});

describe('discovery', () => {
  test('lists the processor and every logical gpu, with what they hold', async () => {
    const { runtime: fresh } = doubleRuntime({ logicalGpus: 3 });
    const array = fresh.zeros({ shape: [10], dtype: 'float16', device: gpu(2) });
    const { devices, reason } = await fresh.discover();
    array.dispose();
    expect(devices.map(({ device, held }) => [String(device), held])).toEqual([
      ['cpu(0)', 0],
      ['gpu(0)', 0],
      ['gpu(1)', 0],
      ['gpu(2)', 40],
    ]);
    expect(devices[1]).toMatchObject({ backend: 'webgpu', software: true, limits: { maxArrayBytes: 2 ** 27 } });
    expect(reason).toBeNull();
  });

  test('two that ask at once share one process', async () => {
    const { runtime: fresh, processes: started } = doubleRuntime();
    const [first, second] = await Promise.all([fresh.discover(), fresh.discover()]);
    expect(first).toEqual(second);
    expect(started).toHaveLength(1);
  });

  test('no process is started before a gpu is asked for', async () => {
    const { runtime: fresh, processes: started } = doubleRuntime();
    await fresh.zeros({ shape: [1], dtype: 'float32' }).data();
    await fresh.waitAll();
    expect(started).toHaveLength(0);
  });

  test('a machine without GPUs says why, then refuses them by name and leaves no process', async () => {
    const { runtime: bare, processes: started } = doubleRuntime({ behaviour: 'none' });
    const early = bare.zeros({ shape: [1], dtype: 'float32', device: gpu(0) });
    const { devices, reason } = await bare.discover();
    expect(devices.map(({ device }) => String(device))).toEqual(['cpu(0)']);
    expect(reason).toBe('this double has none.');
    expect(() => bare.zeros({ shape: [1], dtype: 'float32', device: gpu(0) })).toThrow(
      'There is no gpu(0) here: this double has none.',
    );
    await expect(early.data()).rejects.toThrow('There is no GPU here: this double has none.');
    await expect(bare.expect([cpu(), gpu(0)])).rejects.toThrow(DeviceMismatchError);
    expect(bare.heldBytes()).toBe(0);
    expect(started[0]?.exitCode).toBe(0);
    await bare.zeros({ shape: [1], dtype: 'float32' }).data();
  });

  test('the number of logical gpus cannot change under arrays', () => {
    expect(processes).toHaveLength(1);
    expect(() => runtime.setLogicalGpus(4)).toThrow(InvalidStateError);
    expect(() => runtime.setLogicalGpus(2)).not.toThrow();
  });
});
