import { describe, expect, test } from 'vitest';
import { withDevice } from '../../../core/device/device.ts';
import {
  CancelledError,
  DeviceMismatchError,
  DTypeMismatchError,
  FileChangedError,
  InvalidArgumentError,
  ShapeMismatchError,
} from '../../../core/errors.ts';
import type { DType } from '../../../core/ndarray/dtype.ts';
import type { DTypeSource } from '../../../core/parameter/load-init.ts';
import { Parameter } from '../../../core/parameter/parameter.ts';
import { bytesOf, HAS_GPUS, openRuntime, place } from '../device/runtimes.ts';
import { float32Source } from './sources.ts';

const runtime = openRuntime();
const SIX = [1, 2, 3, 4, 5, 6];

function saved(shape = [2, 3], values = SIX) {
  return runtime.fromBytes({ shape, dtype: 'float32', bytes: bytesOf(Float32Array.from(values)) });
}

function parameter(options = {}) {
  return new Parameter('w', { runtime, shape: [2, 3], ...options });
}

describe('what is loaded into a Parameter', () => {
  test('P-236, P-231: needs no initialize before; without a device it goes to cpu(0)', async () => {
    const p = parameter();
    await withDevice(place(3), () => p.loadInit(saved()));
    expect([p.status, p.listDevice().map(String)]).toEqual(['initialized', ['cpu(0)']]);
    expect(await p.data().data()).toEqual(Float32Array.from(SIX));
    const q = parameter();
    await q.loadInit(saved(), place(2));
    expect(q.listDevice().map(String)).toEqual([String(place(2))]);
  });

  test('is there when loadInit returns, unless it has to be read', () => {
    const p = parameter();
    void p.loadInit(saved());
    expect(p.status).toBe('initialized');
  });

  test('P-235: gradients are zeros where loading initializes, and stay where it does not', async () => {
    const p = parameter();
    await p.loadInit(saved());
    expect(await p.grad().norm()).toBe(0);
    runtime.assign(p.grad(), saved());
    await p.loadInit(saved());
    expect(await p.grad().data()).toEqual(Float32Array.from(SIX));
  });

  test('P-221: sizes that are known must be those of the data', async () => {
    const p = parameter({ shape: [2, 4] });
    await expect(p.loadInit(saved())).rejects.toThrow(ShapeMismatchError);
    await expect(p.loadInit(saved())).rejects.toThrow(
      "Failed loading Parameter 'w' from saved params: shape incompatible expected (2, 4) vs saved (2, 3).",
    );
    expect([p.status, p.shape]).toEqual(['uninitialized', [2, 4]]);
  });

  test('P-222, P-225: unknown sizes are filled in from the data', async () => {
    const p = parameter({ shape: [0, -1] });
    await p.loadInit(saved());
    expect(p.shape).toEqual([2, 3]);
  });

  test('P-223, P-224: another rank is refused, an unknown one becomes that of the data (decision)', async () => {
    for (const shape of [[2], [2, 3, 1]]) {
      await expect(parameter({ shape }).loadInit(saved())).rejects.toThrow(ShapeMismatchError);
    }
    const p = parameter({ shape: null });
    await p.loadInit(saved());
    expect(p.shape).toEqual([2, 3]);
  });

  test('P-226: another dtype is refused unless casting is allowed', async () => {
    const p = parameter({ dtype: 'float16' });
    await expect(p.loadInit(saved())).rejects.toThrow(DTypeMismatchError);
    await expect(p.loadInit(saved())).rejects.toThrow(
      /Parameter 'w' .* dtype incompatible expected float16 vs saved float32\. Set castDtype/,
    );
    expect(p.status).toBe('uninitialized');
  });

  test.each([
    { source: 'current', expected: 'float16' },
    { source: 'saved', expected: 'float32' },
  ] as const)('P-227: with castDtype the dtype is that of $source: $expected', async ({ source, expected }) => {
    const options = { castDtype: true, dtypeSource: source };
    const p = parameter({ dtype: 'float16' });
    await p.loadInit(saved(), null, options);
    expect([p.dtype, p.data().dtype, p.grad().dtype]).toEqual([expected, expected, expected]);
    const initialized = parameter({ dtype: 'float16' });
    initialized.initialize({ init: 'zeros' });
    await initialized.loadInit(saved(), null, options);
    expect([initialized.dtype, initialized.data().dtype, initialized.grad().dtype]).toEqual([
      expected,
      expected,
      expected,
    ]);
    expect(await initialized.data().data()).toEqual(Float32Array.from(SIX));
  });

  test('P-228: dtypes are compared by name (decision)', async () => {
    const p = parameter({ dtype: 'float32' satisfies DType });
    await p.loadInit(saved());
    expect(p.dtype).toBe('float32');
  });

  test('P-229: there always is a dtype to compare, float32 where none was given', async () => {
    const p = new Parameter('w', { runtime });
    await p.loadInit(saved());
    expect(p.dtype).toBe('float32');
    await expect(new Parameter('w', { runtime }).loadInit(saved().asType('int8'))).rejects.toThrow(DTypeMismatchError);
  });

  test('P-220: dtypeSource is checked where it is used', async () => {
    const dtypeSource = 'file' as DTypeSource;
    await expect(parameter().loadInit(saved(), null, { castDtype: true, dtypeSource })).rejects.toThrow(
      InvalidArgumentError,
    );
    await parameter().loadInit(saved(), null, { dtypeSource });
  });

  test.skipIf(HAS_GPUS)('P-230: data takes the storage type of the Parameter', async () => {
    const p = parameter({ stype: 'row_sparse' });
    await p.loadInit(saved());
    expect(p.ownCopies().map((copy) => copy.stype)).toEqual(['row_sparse']);
    const dense = parameter();
    await dense.loadInit(saved().toStype('csr'));
    expect([dense.data().stype, await dense.data().data()]).toEqual(['default', Float32Array.from(SIX)]);
  });

  test('P-232, P-127: a deferred Parameter takes it on its devices, in their order, and forgets its initializer', async () => {
    const p = parameter({ shape: [0, 3], allowDeferredInit: true });
    p.initialize({ device: [place(1), place(0)], init: 'ones' });
    await expect(p.loadInit(saved(), place(1))).rejects.toThrow(DeviceMismatchError);
    await expect(p.loadInit(saved(), place(1))).rejects.toThrow(
      `Failed to load Parameter 'w' on [${place(1)}] because it was previous initialized on [${place(1)}, ${place(0)}].`,
    );
    expect([p.status, p.shape]).toEqual(['deferred', [-1, 3]]);
    await p.loadInit(saved(), [place(0), place(1)]);
    expect([p.status, p.listDevice().map(String)]).toEqual(['initialized', [String(place(1)), String(place(0))]]);
    for (const copy of p.listData()) expect(await copy.data()).toEqual(Float32Array.from(SIX));
  });

  test('P-233: an initialized Parameter takes it in place, on the devices it has', async () => {
    const p = parameter();
    p.initialize({ device: [place(0), place(1)] });
    const copies = p.listData();
    await expect(p.loadInit(saved(), [place(0), place(2)])).rejects.toThrow(DeviceMismatchError);
    await p.loadInit(saved(), [place(1), place(0)]);
    expect(p.listData()).toEqual(copies);
    for (const copy of copies) expect(await copy.data()).toEqual(Float32Array.from(SIX));
  });

  test('P-234: afterwards nothing is deferred; a failed load leaves what was', async () => {
    const p = parameter({ shape: [0, 3], allowDeferredInit: true });
    p.initialize({ init: 'ones' });
    await expect(p.loadInit(saved().asType('int8'))).rejects.toThrow(DTypeMismatchError);
    expect([p.status, p.shape, p.dtype]).toEqual(['deferred', [-1, 3], 'float32']);
    await p.loadInit(saved());
    expect([p.status, p.pending]).toEqual(['initialized', null]);
  });
});

describe('a source that has to be read', () => {
  test('is read onto all devices', async () => {
    const p = parameter({ shape: null });
    const progress: number[] = [];
    await p.loadInit(float32Source([2, 3], SIX), [place(0), place(1)], { onProgress: (done) => progress.push(done) });
    expect(progress).toEqual([12, 24]);
    for (const copy of p.listData()) expect(await copy.data()).toEqual(Float32Array.from(SIX));
    p.release();
    expect(p.status).toBe('deferred');
  });

  test('goes into the copies that there are', async () => {
    const p = parameter({ dtype: 'float16' });
    p.initialize({ device: [place(0), place(1)] });
    const copies = p.listData();
    await p.loadInit(float32Source([2, 3], SIX), null, { castDtype: true });
    expect(p.listData()).toEqual(copies);
    for (const copy of copies) expect(await copy.data()).toEqual(Float32Array.from(SIX));
  });

  test('becomes sparse where the Parameter is', async () => {
    const p = parameter({ stype: 'row_sparse' });
    await p.loadInit(float32Source([2, 3], [0, 0, 0, 4, 5, 6]));
    expect(await p.ownCopies()[0]?.data()).toEqual(Float32Array.of(0, 0, 0, 4, 5, 6));
  });

  test.each(['uninitialized', 'deferred', 'initialized'])(
    'that fails leaves an %s Parameter as it was',
    async (status) => {
      const held = openRuntime();
      const p = new Parameter('w', {
        runtime: held,
        shape: status === 'initialized' ? [2, 3] : [0, 3],
        allowDeferredInit: true,
      });
      if (status !== 'uninitialized') p.initialize({ init: 'ones' });
      const [shape, bytes] = [p.shape, held.heldBytes()];
      const source = float32Source([2, 3], SIX, () =>
        Promise.reject(new FileChangedError('model.safetensors changed.')),
      );
      await expect(p.loadInit(source)).rejects.toThrow("Parameter 'w': model.safetensors changed.");
      expect([p.status, p.shape, held.heldBytes()]).toEqual([status, shape, bytes]);
      if (status === 'initialized') expect(await p.data().norm()).toBeCloseTo(Math.sqrt(6), 6);
    },
  );

  test('gives way where the Parameter changes meanwhile', async () => {
    const p = parameter();
    p.initialize();
    const source = float32Source([2, 3], SIX, async () => p.resetDevice(place(1)));
    await expect(p.loadInit(source)).rejects.toThrow(CancelledError);
    expect(p.listDevice().map(String)).toEqual([String(place(1))]);
  });
});
