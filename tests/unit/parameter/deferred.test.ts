import { describe, expect, test } from 'vitest';
import {
  CancelledError,
  DeferredInitializationError,
  FileChangedError,
  InvalidStateError,
  NotInitializedError,
  OutOfMemoryError,
  ShapeMismatchError,
  UnsupportedDTypeError,
} from '../../../core/errors.ts';
import { Parameter } from '../../../core/parameter/parameter.ts';
import { bytesOf, openRuntime, place } from '../device/runtimes.ts';
import { float32Source, sourceOf } from './sources.ts';

const runtime = openRuntime();
const SIX = [1, 2, 3, 4, 5, 6];

function sixParameter(options = {}) {
  return Parameter.fromSource('w', float32Source([2, 3], SIX), { runtime, ...options });
}

describe('a Parameter whose value is in a file', () => {
  test('P-124: is deferred, knows shape, dtype and devices, and says how to get at its data', () => {
    const p = sixParameter({ device: [place(0), place(1)] });
    expect(p).toMatchObject({ status: 'deferred', shape: [2, 3], dtype: 'float32', gradReq: 'null' });
    expect(p.listDevice().map(String)).toEqual([String(place(0)), String(place(1))]);
    for (const ask of [() => p.data(), () => p.listData(), () => p.grad(), () => p.listGrad(), () => p.reduce()]) {
      expect(ask).toThrow(DeferredInitializationError);
      expect(ask).toThrow(/Parameter 'w' .* the file model\.safetensors/);
    }
    p.zeroGrad();
  });

  test('P-118, P-120: finishing puts one equal copy on each device, in order, and reports progress', async () => {
    const p = sixParameter({ device: [place(1), place(0)] });
    const progress: number[] = [];
    await p.finishDeferredInit({ onProgress: (done) => progress.push(done) });
    expect(progress).toEqual([12, 24]);
    expect(p.status).toBe('initialized');
    expect(p.listDevice().map(String)).toEqual([String(place(1)), String(place(0))]);
    for (const copy of p.listData()) expect(await copy.data()).toEqual(Float32Array.from(SIX));
    const copies = p.copies();
    expect(copies.map(({ device, dtype, bytes, lost }) => [String(device), dtype, bytes, lost])).toEqual([
      [String(place(1)), 'float32', 24, false],
      [String(place(0)), 'float32', 24, false],
    ]);
    expect(await copies[0]!.norm()).toBeCloseTo(Math.hypot(...SIX), 12);
  });

  test('has a real zero-size shape where the tensor is empty (decision on P-070)', async () => {
    const p = Parameter.fromSource('e', sourceOf({ dtype: 'int8', shape: [0, 4], bytes: new Uint8Array(0) }), {
      runtime,
    });
    await p.finishDeferredInit();
    expect([p.shape, p.status, await p.data().bytes()]).toEqual([[0, 4], 'initialized', new Uint8Array(0)]);
    p.shape = [0, 4];
    expect(p.shape).toEqual([0, 4]);
  });

  test('P-120, P-122: gradient buffers are zeros of the same shape, dtype and device, unless gradReq is null', async () => {
    const p = sixParameter({ gradReq: 'write', device: [place(0), place(1)] });
    await p.finishDeferredInit();
    expect(p.listGrad().map((grad) => [String(grad.device), grad.dtype, grad.shape])).toEqual([
      [String(place(0)), 'float32', [2, 3]],
      [String(place(1)), 'float32', [2, 3]],
    ]);
    expect(await p.grad(place(1)).data()).toEqual(new Float32Array(6));
    const without = sixParameter();
    await without.finishDeferredInit();
    expect(without.gradients()).toEqual([]);
  });

  test('P-116: finishing again reads nothing', async () => {
    const source = float32Source([6], SIX);
    const p = Parameter.fromSource('w', source, { runtime });
    await p.finishDeferredInit();
    await p.finishDeferredInit();
    await new Parameter('u', { runtime }).finishDeferredInit();
    expect(source.readings).toBe(1);
  });

  test('finishing while it is being finished joins the first', async () => {
    const source = float32Source([6], SIX);
    const p = Parameter.fromSource('w', source, { runtime });
    await Promise.all([p.finishDeferredInit(), p.finishDeferredInit()]);
    expect(source.readings).toBe(1);
  });

  test('release frees the copies and loads the value anew when it is asked for again', async () => {
    const held = openRuntime();
    const source = float32Source([6], SIX);
    const p = Parameter.fromSource('w', source, { runtime: held, gradReq: 'add', device: place(4) });
    await p.finishDeferredInit();
    expect(held.heldBytes(place(4))).toBe(48);
    p.release();
    expect([p.status, held.heldBytes(), String(p.listDevice()[0])]).toEqual(['deferred', 0, String(place(4))]);
    expect((await held.census()).tensors).toBe(0);
    await p.finishDeferredInit();
    expect(source.readings).toBe(2);
  });
});

describe('a finish that does not succeed leaves the Parameter deferred and no memory held (P-117)', () => {
  test('when the source fails', async () => {
    const held = openRuntime();
    const source = float32Source([6], SIX, () => Promise.reject(new FileChangedError('model.safetensors changed.')));
    const p = Parameter.fromSource('w', source, { runtime: held });
    await expect(p.finishDeferredInit()).rejects.toThrow(FileChangedError);
    await expect(p.finishDeferredInit()).rejects.toThrow("Parameter 'w': model.safetensors changed.");
    expect([p.status, held.heldBytes()]).toEqual(['deferred', 0]);
  });

  test('when it is cancelled, before or during the read', async () => {
    const held = openRuntime();
    const controller = new AbortController();
    const source = float32Source([6], SIX, async () => controller.abort());
    const p = Parameter.fromSource('w', source, { runtime: held });
    await expect(p.finishDeferredInit({ signal: controller.signal })).rejects.toThrow(CancelledError);
    await expect(p.finishDeferredInit({ signal: AbortSignal.abort() })).rejects.toThrow(CancelledError);
    expect([p.status, held.heldBytes(), source.readings]).toEqual(['deferred', 0, 1]);
  });

  test.each([
    ['cast', (p: Parameter) => p.cast('float16')],
    ['resetDevice', (p: Parameter) => p.resetDevice(place(1))],
    ['release', (p: Parameter) => p.release()],
    ['initialize', (p: Parameter) => p.initialize({ device: place(2) })],
    ['setData', (p: Parameter) => p.setData(float32Source([6], SIX))],
  ])('when %s changes the Parameter meanwhile; a new finish then succeeds', async (_name, change) => {
    let changed = false;
    const source = float32Source([6], SIX, async () => {
      if (!changed) change(p);
      changed = true;
    });
    const p: Parameter = Parameter.fromSource('w', source, { runtime });
    await expect(p.finishDeferredInit()).rejects.toThrow(/Parameter 'w' was changed while it was loaded/);
    expect(p.status).toBe('deferred');
    await p.finishDeferredInit();
    expect(p.status).toBe('initialized');
  });

  test('when there is no memory for all copies and gradients', async () => {
    const small = openRuntime({ memoryBudget: 40 });
    const p = Parameter.fromSource('w', float32Source([6], SIX), { runtime: small, gradReq: 'write' });
    await expect(p.finishDeferredInit()).rejects.toThrow(OutOfMemoryError);
    await expect(p.finishDeferredInit()).rejects.toThrow(/Parameter 'w': A \(6,\) array of float32 takes 24 bytes/);
    expect([p.status, small.heldBytes()]).toEqual(['deferred', 0]);
    p.gradReq = 'null';
    await p.finishDeferredInit();
    expect(p.status).toBe('initialized');
  });

  test('when the source gives fewer bytes than it promised', async () => {
    const source = { ...float32Source([6], SIX.slice(0, 5)), nbytes: 24 };
    const p = Parameter.fromSource('w', source, { runtime });
    await expect(p.finishDeferredInit()).rejects.toThrow('gave 20 of 24 bytes');
    expect(p.status).toBe('deferred');
  });

  test('when the dtype packs elements', async () => {
    const bytes = new Uint8Array(4);
    const p = Parameter.fromSource('q', sourceOf({ dtype: 'float4_e2m1fn', shape: [8], bytes }), { runtime });
    await expect(p.finishDeferredInit()).rejects.toThrow(UnsupportedDTypeError);
    await expect(p.finishDeferredInit()).rejects.toThrow(/Parameter 'q': float4_e2m1fn .* cast it/);
  });
});

describe('the deferred life cycle without a file', () => {
  test('P-114, P-117: an unknown shape may be deferred; finishing needs the shape and then a value', async () => {
    const p = new Parameter('w', { shape: [0, 3], allowDeferredInit: true, runtime });
    p.initialize({ device: place(1) });
    expect([p.status, p.listDevice().map(String)]).toEqual(['deferred', [String(place(1))]]);
    await expect(p.finishDeferredInit()).rejects.toThrow(
      "Cannot initialize Parameter 'w' because it has invalid shape: (-1, 3)",
    );
    p.shape = [2, 3];
    await p.finishDeferredInit();
    expect(p.status).toBe('initialized');
  });

  test('P-125: data given while deferred fills in the shape and is there once finished', async () => {
    const p = new Parameter('w', { shape: [0, 3], allowDeferredInit: true, runtime });
    p.initialize();
    expect(() => p.setData(float32Source([2, 2], [1, 2, 3, 4]))).toThrow(ShapeMismatchError);
    p.setData(float32Source([2, 3], SIX));
    expect(p.shape).toEqual([2, 3]);
    expect(() => p.data()).toThrow(DeferredInitializationError);
    await p.finishDeferredInit();
    expect(await p.data().data()).toEqual(Float32Array.from(SIX));
    expect(await p.grad().norm()).toBe(0);
  });

  test('P-046: data given while deferred is cast when initialization finishes (decision)', async () => {
    const p = new Parameter('w', { allowDeferredInit: true, runtime });
    p.initialize();
    p.setData(runtime.fromBytes({ shape: [2], dtype: 'float32', bytes: bytesOf(Float32Array.of(1.001, -2)) }));
    p.cast('bfloat16');
    await p.finishDeferredInit();
    expect([p.data().dtype, p.grad().dtype, await p.data().data()]).toEqual([
      'bfloat16',
      'bfloat16',
      Float32Array.of(1, -2),
    ]);
  });

  test('P-042: a cast while deferred on a file takes effect when the chunks arrive', async () => {
    const p = sixParameter({ gradReq: 'write' });
    p.cast('int8');
    expect(p.status).toBe('deferred');
    await p.finishDeferredInit();
    expect([p.dtype, await p.data().data()]).toEqual(['int8', Int8Array.from(SIX)]);
  });

  test('P-102: a second initialize replaces the devices and keeps the file', async () => {
    const p = new Parameter('w', { allowDeferredInit: true, runtime });
    p.initialize();
    p.initialize({ device: place(3) });
    expect(p.listDevice().map(String)).toEqual([String(place(3))]);
    const fromFile = sixParameter();
    fromFile.initialize({ device: [place(1), place(2)] });
    await fromFile.finishDeferredInit();
    expect(fromFile.listDevice().map(String)).toEqual([String(place(1)), String(place(2))]);
  });

  test('P-126: resetDevice while deferred only says where the copies will be', async () => {
    const p = sixParameter();
    p.resetDevice([place(2), place(3)]);
    expect(p.listDevice().map(String)).toEqual([String(place(2)), String(place(3))]);
    p.resetDevice(null);
    expect(p.listDevice().map(String)).toEqual([String(place(0))]);
  });

  test('P-128: completing the shape does nothing by itself', () => {
    const p = new Parameter('w', { shape: [0], allowDeferredInit: true, runtime });
    p.initialize();
    p.shape = [4];
    expect(p.status).toBe('deferred');
  });

  test('P-025, P-026: gradReq changed while deferred decides about buffers at the finish', async () => {
    const p = sixParameter({ gradReq: 'write' });
    p.gradReq = 'null';
    await p.finishDeferredInit();
    expect(() => p.grad()).toThrow("Cannot get gradient array for Parameter 'w' because grad_req='null'");
    const q = sixParameter();
    q.gradReq = 'add';
    await q.finishDeferredInit();
    expect(q.gradients()).toHaveLength(1);
  });

  test('P-148, P-161, P-172: without initialization there are no devices, no data to set and nothing to reset', () => {
    const p = new Parameter('w', { runtime });
    expect(() => p.listDevice()).toThrow(NotInitializedError);
    expect(() => p.setData(float32Source([6], SIX))).toThrow("Parameter 'w' has not been initialized");
    expect(p.shape).toBeNull();
    expect(() => p.resetDevice(place(0))).toThrow(NotInitializedError);
    expect(() => p.release()).toThrow(InvalidStateError);
  });
});
