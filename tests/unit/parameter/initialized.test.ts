import { describe, expect, test } from 'vitest';
import { withDevice } from '../../../core/device/device.ts';
import {
  DeviceLostError,
  DeviceMismatchError,
  InvalidArgumentError,
  InvalidStateError,
  NotInitializedError,
  OutOfMemoryError,
  ShapeMismatchError,
  UnsupportedDTypeError,
} from '../../../core/errors.ts';
import { Parameter } from '../../../core/parameter/parameter.ts';
import type { ParameterOptions } from '../../../core/parameter/parameter-options.ts';
import { type ParameterWarning, warnings } from '../../../core/warnings.ts';
import { bytesOf, mortalRuntime, openRuntime, place } from '../device/runtimes.ts';
import { float32Source } from './sources.ts';

const runtime = openRuntime();
const THREE = [1.5, -2, 3];

async function initialized(devices = [place(0)], options: ParameterOptions = {}): Promise<Parameter> {
  const p = Parameter.fromSource('w', float32Source([3], THREE), { runtime, device: devices, ...options });
  await p.finishDeferredInit();
  return p;
}

function array(...values: number[]) {
  return runtime.fromBytes({ shape: [values.length], dtype: 'float32', bytes: bytesOf(Float32Array.from(values)) });
}

describe('lookup', () => {
  test('P-080, P-088: listData is the stored copies in the order of the devices', async () => {
    const p = await initialized([place(5), place(1)]);
    expect(p.listData().map((copy) => String(copy.device))).toEqual([String(place(5)), String(place(1))]);
    expect(p.listData()[0]).toBe(p.data(place(5)));
  });

  test('P-081: a single copy is found from any current device', async () => {
    const p = await initialized([place(5)]);
    expect(withDevice(place(2), () => String(p.data().device))).toBe(String(place(5)));
  });

  test('P-082: of several copies that of the current device is meant', async () => {
    const p = await initialized([place(0), place(1)], { gradReq: 'write' });
    expect(withDevice(place(1), () => [String(p.data().device), String(p.grad().device)])).toEqual([
      String(place(1)),
      String(place(1)),
    ]);
    expect(() => withDevice(place(3), () => p.data())).toThrow(DeviceMismatchError);
  });

  test('P-083, P-085: an explicit device must match even a single copy', async () => {
    expect(() => new Parameter('w', { runtime }).data(place(1))).toThrow(NotInitializedError);
    const p = await initialized([place(0), place(1)]);
    expect(() => p.data(place(3))).toThrow(
      `Parameter 'w' was not initialized on device ${place(3)}. It was only initialized on [${place(0)}, ${place(1)}].`,
    );
  });

  test('P-084: of two copies on one device the later is found', async () => {
    const p = await initialized([place(0), place(0)]);
    expect(p.data(place(0))).toBe(p.listData()[1]);
  });

  test('P-087: without anything to come, data and gradients are not initialized', () => {
    const p = new Parameter('w', { runtime });
    for (const ask of [() => p.data(), () => p.listData(), () => p.grad(), () => p.listGrad(), () => p.reduce()]) {
      expect(ask).toThrow(NotInitializedError);
      expect(ask).toThrow("Parameter 'w' has not been initialized.");
    }
  });

  test('P-140, P-143: sparse storage is told before the state', () => {
    const p = new Parameter('w', { stype: 'row_sparse', runtime });
    expect(() => p.data()).toThrow(InvalidStateError);
    expect(() => p.listData()).toThrow(/Parameter 'w' via listData\(\) because its storage type is row_sparse/);
  });

  test('P-105: an empty list of devices is refused', () => {
    expect(() => Parameter.fromSource('w', float32Source([3], THREE), { device: [] })).toThrow(InvalidArgumentError);
  });
});

describe('data', () => {
  test('P-141, P-162: setData writes into every live copy, cast to its dtype; gradients stay', async () => {
    const p = await initialized([place(0), place(1)], { gradReq: 'write' });
    p.cast('float16');
    const [first, second] = p.listData();
    p.setData(array(0.1, 2, 4));
    expect([p.dtype, p.data(place(0)) === first, p.data(place(1)) === second]).toEqual(['float16', true, true]);
    expect(await second!.data()).toEqual(Float32Array.of(0.0999755859375, 2, 4));
    expect(await p.grad(place(0)).norm()).toBe(0);
  });

  test('P-160: data of another shape is refused and changes nothing', async () => {
    const p = await initialized();
    expect(() => p.setData(array(1, 2))).toThrow(ShapeMismatchError);
    expect(await p.data().data()).toEqual(Float32Array.from(THREE));
  });

  test('a value that has yet to be read cannot replace one that is held', async () => {
    const p = await initialized();
    expect(() => p.setData(float32Source([3], THREE))).toThrow(InvalidStateError);
  });

  test('P-175, P-179: reduce is the mean of the copies, an array of its own', async () => {
    const p = await initialized([place(0), place(1)]);
    runtime.assign(p.data(place(1)), array(2.5, 0, 3));
    const mean = p.reduce();
    expect([String(mean.device), await mean.data()]).toEqual(['cpu(0)', Float32Array.of(2, -1, 3)]);
    runtime.zero(mean);
    expect(await p.data(place(0)).data()).toEqual(Float32Array.from(THREE));
  });
});

describe('gradients', () => {
  test('P-022: write to add makes new zero buffers; the old ones belong to their holders', async () => {
    const p = await initialized([place(0)], { gradReq: 'write' });
    const old = p.grad();
    p.setData(array(1, 1, 1));
    runtime.assign(old, array(9, 9, 9));
    p.gradReq = 'add';
    expect(p.grad()).not.toBe(old);
    expect([await p.grad().norm(), await old.data()]).toEqual([0, Float32Array.of(9, 9, 9)]);
  });

  test('P-023, P-144: to null drops the buffers; copies are new handles of the same memory', async () => {
    const p = await initialized([place(0)], { gradReq: 'write' });
    const before = p.data();
    p.gradReq = 'null';
    expect(p.data()).not.toBe(before);
    p.setData(array(4, 5, 6));
    expect(await before.data()).toEqual(Float32Array.of(4, 5, 6));
    expect(() => p.grad()).toThrow(InvalidStateError);
    expect(() => p.listGrad()).toThrow("Cannot get gradient array for Parameter 'w' because grad_req='null'");
  });

  test('P-023: buffers that nobody else holds are freed at once', async () => {
    const held = openRuntime();
    const p = Parameter.fromSource('w', float32Source([3], THREE), { runtime: held, gradReq: 'add' });
    await p.finishDeferredInit();
    expect(held.heldBytes()).toBe(24);
    p.gradReq = 'null';
    expect(held.heldBytes()).toBe(12);
    expect((await held.census()).arrays).toBe(1);
  });

  test('P-024: from null makes zero buffers', async () => {
    const p = await initialized();
    p.gradReq = 'write';
    expect(await p.grad().data()).toEqual(new Float32Array(3));
  });

  test('a gradReq for which there is no memory changes nothing', async () => {
    const small = openRuntime({ memoryBudget: 20 });
    const p = Parameter.fromSource('w', float32Source([3], THREE), { runtime: small });
    await p.finishDeferredInit();
    expect(() => {
      p.gradReq = 'write';
    }).toThrow(OutOfMemoryError);
    expect([p.gradReq, p.gradients(), small.heldBytes()]).toEqual(['null', [], 12]);
  });

  test('P-147, P-150: zeroGrad clears every buffer in place', async () => {
    const p = await initialized([place(0), place(1)], { gradReq: 'write' });
    const grads = p.listGrad();
    for (const grad of grads) runtime.assign(grad, array(1, 2, 3));
    p.zeroGrad();
    expect(p.listGrad()).toEqual(grads);
    for (const grad of grads) expect(await grad.norm()).toBe(0);
  });
});

describe('cast and devices', () => {
  test('P-043, P-048: a cast makes new copies and keeps the values of gradients; old handles keep their dtype', async () => {
    const p = await initialized([place(0)], { gradReq: 'write' });
    const [data, grad] = [p.data(), p.grad()];
    runtime.assign(grad, array(1, 2, 3));
    p.cast('int16');
    expect([p.data().dtype, await p.data().data()]).toEqual(['int16', Int16Array.of(1, -2, 3)]);
    expect([p.grad().dtype, await p.grad().data()]).toEqual(['int16', Int16Array.of(1, 2, 3)]);
    expect([data.dtype, await data.data(), grad.dtype]).toEqual(['float32', Float32Array.from(THREE), 'float32']);
    p.cast('int16');
    expect(p.dtype).toBe('int16');
  });

  test('P-044: without gradients only data is cast', async () => {
    const p = await initialized();
    p.dtype = 'float8_e5m2';
    expect([p.data().dtype, p.gradients()]).toEqual(['float8_e5m2', []]);
  });

  test('a cast to a packed dtype is refused and changes nothing', async () => {
    const p = await initialized();
    expect(() => p.cast('f6_e2m3')).toThrow(UnsupportedDTypeError);
    expect([p.dtype, p.data().dtype]).toEqual(['float32', 'float32']);
  });

  test('P-171: resetDevice puts the mean of the copies on the new devices with zero gradients', async () => {
    const p = await initialized([place(0), place(1)], { gradReq: 'write' });
    runtime.assign(p.data(place(1)), array(2.5, 0, 3));
    runtime.assign(p.grad(place(0)), array(1, 1, 1));
    p.resetDevice([place(2), place(0), place(1)]);
    expect(p.listDevice().map(String)).toEqual([String(place(2)), String(place(0)), String(place(1))]);
    for (const copy of p.listData()) expect(await copy.data()).toEqual(Float32Array.of(2, -1, 3));
    for (const grad of p.listGrad()) expect(await grad.norm()).toBe(0);
  });

  test('P-149, P-174: listCtx and resetCtx work and warn', async () => {
    const heard: ParameterWarning[] = [];
    const stop = warnings.subscribe((warning) => heard.push(warning));
    const p = await initialized();
    p.resetCtx(place(1));
    expect(p.listCtx().map(String)).toEqual([String(place(1))]);
    stop();
    expect(heard.map((warning) => warning.category)).toEqual(['DeprecationWarning', 'DeprecationWarning']);
    expect(heard[0]?.message).toContain('renamed to Parameter.resetDevice');
  });
});

describe('initialize again', () => {
  test('P-101: warns and changes nothing', async () => {
    const heard: ParameterWarning[] = [];
    const stop = warnings.subscribe((warning) => heard.push(warning));
    const p = await initialized();
    const copy = p.data();
    p.initialize({ device: place(4) });
    stop();
    expect(heard).toEqual([
      {
        category: 'UserWarning',
        message: "Parameter 'w' is already initialized, ignoring. Set forceReinit to re-initialize.",
      },
    ]);
    expect(p.data()).toBe(copy);
  });

  test('P-103: forceReinit takes the value from the file again, on other devices', async () => {
    const p = await initialized([place(0)], { gradReq: 'write' });
    p.setData(array(7, 7, 7));
    p.initialize({ device: [place(1)], forceReinit: true });
    expect(p.status).toBe('deferred');
    await p.finishDeferredInit();
    expect([String(p.data().device), await p.data().data()]).toEqual([String(place(1)), Float32Array.from(THREE)]);
  });

  test('P-104: a forced initialize that fails changes nothing (decision)', async () => {
    const p = await initialized();
    expect(() => p.initialize({ init: 'xavier', forceReinit: true })).toThrow(/Parameter 'w'.*at least 2D/);
    expect(() => p.initialize({ init: 'no such', forceReinit: true })).toThrow(InvalidArgumentError);
    expect([p.status, await p.data().data()]).toEqual(['initialized', Float32Array.from(THREE)]);
  });
});

test('copies that a dead worker held are reported lost and come back from the file', async () => {
  const { runtime: mortal, kill } = mortalRuntime();
  const p = Parameter.fromSource('w', float32Source([3], THREE), { runtime: mortal });
  await p.finishDeferredInit();
  await kill();
  expect(p.copies().map((copy) => copy.lost)).toEqual([true]);
  await expect(p.copies()[0]!.norm()).rejects.toThrow(DeviceLostError);
  p.release();
  await p.finishDeferredInit();
  expect(await p.data().data()).toEqual(Float32Array.from(THREE));
});

test('a worker that dies while a value is loaded leaves the Parameter deferred, to be loaded again', async () => {
  const { runtime: mortal, kill } = mortalRuntime();
  let kills = 0;
  const source = float32Source([6], [...THREE, ...THREE], async () => {
    if (kills++ === 0) await kill();
  });
  const p = Parameter.fromSource('w', source, { runtime: mortal });
  await expect(p.finishDeferredInit()).rejects.toThrow(DeviceLostError);
  expect([p.status, mortal.heldBytes()]).toEqual(['deferred', 0]);
  await p.finishDeferredInit();
  expect(await p.data().data()).toEqual(Float32Array.of(...THREE, ...THREE));
});
