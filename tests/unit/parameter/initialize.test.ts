import { describe, expect, test } from 'vitest';
import { withDevice } from '../../../core/device/device.ts';
import { DeferredInitializationError, InvalidArgumentError, ShapeMismatchError } from '../../../core/errors.ts';
import { Constant, Load, Mixed, One, RNNFused, Uniform, Zero } from '../../../core/initializer/index.ts';
import { Parameter } from '../../../core/parameter/parameter.ts';
import type { ParameterOptions } from '../../../core/parameter/parameter-options.ts';
import { bytesOf, openRuntime, place } from '../device/runtimes.ts';
import { float32Source } from './sources.ts';

const runtime = openRuntime();

function parameter(options: ParameterOptions = {}, name = 'w'): Parameter {
  return new Parameter(name, { runtime, shape: [2, 3], ...options });
}

async function values(p: Parameter): Promise<number[]> {
  return Array.from(await p.data(p.listDevice()[0]).data(), Number);
}

describe('initialize', () => {
  test('P-100, P-115: without arguments: uniform in [-0.07, 0.07) on the current device, at once', async () => {
    const p = parameter({ shape: [100] });
    withDevice(place(2), () => p.initialize());
    expect([p.status, p.listDevice().map(String)]).toEqual(['initialized', [String(place(2))]]);
    const drawn = await values(p);
    expect(drawn.every((value) => value >= -0.07 && value < 0.07)).toBe(true);
    expect(Math.max(...drawn.map(Math.abs))).toBeGreaterThan(0.035);
  });

  test('P-089: ctx is an old name of device and wins over it', async () => {
    const p = parameter();
    p.initialize({ ctx: place(3), device: place(1) });
    expect(p.listDevice().map(String)).toEqual([String(place(3))]);
    const loaded = parameter();
    await loaded.loadInit(
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      place(1),
      { ctx: place(2) },
    );
    expect(loaded.listDevice().map(String)).toEqual([String(place(2))]);
  });

  test.each<{ init?: string; own?: string; defaultInit?: string; expected: number }>([
    { init: 'ones', own: 'zeros', defaultInit: '["constant", {"value": 3}]', expected: 1 },
    { own: 'ones', defaultInit: 'zeros', expected: 1 },
    { defaultInit: 'ones', expected: 1 },
  ])('P-106: the argument comes before the own initializer, that before the default: %j', async (choice) => {
    const { own = null, expected, ...options } = choice;
    const p = parameter({ init: own });
    p.initialize(options);
    expect(await values(p)).toEqual(new Array(6).fill(expected));
  });

  test('P-107: an initializer is an instance, a name in any case, or JSON', async () => {
    for (const init of [new One(), 'ONES', 'One', '["constant", {"value": 1.0}]']) {
      const p = parameter();
      p.initialize({ init });
      expect(await values(p)).toEqual(new Array(6).fill(1));
    }
    expect(() => parameter().initialize({ init: 'gaussian' })).toThrow(InvalidArgumentError);
  });

  test('P-108: only the initializer that is used is resolved (decision)', () => {
    const p = parameter({ init: 'no such' });
    p.initialize({ init: 'zeros', defaultInit: 'neither' });
    expect(p.status).toBe('initialized');
    expect(() => parameter().initialize({ defaultInit: 'neither' })).toThrow(/not registered/);
  });

  test('P-109: the weight rule holds whatever the name: a bias is drawn too', async () => {
    for (const name of ['fc_bias', 'gamma', 'running_mean', 'anything']) {
      const p = parameter({}, name);
      p.initialize({ init: new Constant(4) });
      expect(await values(p)).toEqual(new Array(6).fill(4));
    }
    const bias = parameter({}, 'bias');
    bias.initialize();
    expect(await bias.data().norm()).toBeGreaterThan(0);
  });

  test('P-110: an empty name as init asks for the default initializer by the ending of the name', async () => {
    const p = parameter({}, 'fc_gamma');
    p.initialize({ init: '', defaultInit: 'zeros' });
    expect(await values(p)).toEqual(new Array(6).fill(1));
    expect(() => parameter({}, 'fc').initialize({ init: '' })).toThrow(/Unknown initialization pattern for fc/);
  });

  test('P-111: an own RNNFused is used, and what would have been used sets its parts', async () => {
    const own = new RNNFused({ mode: 'rnn_relu', numLayers: 1, stateSize: 1 });
    const p = parameter({ shape: [4], init: own });
    p.initialize({ init: 'ones' });
    expect((await values(p)).slice(0, 2)).toEqual([1, 1]);
  });

  test('Mixed and Load are matched against the name (decision)', async () => {
    const p = parameter({}, 'fc.weight');
    p.initialize({ init: new Mixed(['.*bias', '.*'], ['zeros', 'ones']) });
    expect(await values(p)).toEqual(new Array(6).fill(1));
    const saved = runtime.fromBytes({
      shape: [2, 3],
      dtype: 'float32',
      bytes: bytesOf(Float32Array.of(1, 2, 3, 4, 5, 6)),
    });
    const q = parameter({}, 'fc.weight');
    q.initialize({ init: new Load({ 'arg:fc.weight': saved }) });
    expect(await values(q)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('P-112: values are drawn once, so all copies are equal', async () => {
    const p = parameter({ shape: [50] });
    p.initialize({ device: [place(1), place(0), place(2)] });
    const [first, ...others] = await Promise.all(p.listData().map((copy) => copy.data()));
    for (const other of others) expect(other).toEqual(first);
  });

  test('P-119: the value has the shape and dtype of the Parameter, its gradient too', async () => {
    const p = parameter({ dtype: 'float16' });
    p.initialize({ init: new Uniform(1) });
    expect([p.data().dtype, p.data().shape, p.grad().dtype, p.grad().shape]).toEqual([
      'float16',
      [2, 3],
      'float16',
      [2, 3],
    ]);
    const integers = parameter({ dtype: 'int8' });
    integers.initialize({ init: new Constant(3) });
    expect(await values(integers)).toEqual(new Array(6).fill(3));
  });

  test('P-062, P-069: a scalar can be initialized, there is one mode of shapes (decision)', async () => {
    const p = parameter({ shape: [] });
    p.initialize({ init: 'ones' });
    expect([p.shape, await values(p)]).toEqual([[], [1]]);
  });

  test('P-106: a Parameter from a file goes back to the file unless an initializer is asked for', async () => {
    const p = Parameter.fromSource('w', float32Source([3], [1, 2, 3]), { runtime });
    p.initialize({ init: 'ones' });
    expect(await values(p)).toEqual([1, 1, 1]);
    p.initialize({ forceReinit: true });
    expect([p.status, p.pending]).toEqual(['deferred', { kind: 'source', place: 'the file model.safetensors' }]);
  });

  test('P-103: forceReinit draws anew, on other devices, with zero gradients', async () => {
    const p = parameter({ init: 'ones' });
    p.initialize();
    runtime.assign(p.grad(), p.data());
    p.initialize({ init: new Zero(), device: [place(1), place(2)], forceReinit: true });
    expect([p.listDevice().map(String), await values(p)]).toEqual([
      [String(place(1)), String(place(2))],
      new Array(6).fill(0),
    ]);
    for (const grad of p.listGrad()) expect(await grad.norm()).toBe(0);
  });

  test('arrays that nobody holds any more are freed', async () => {
    const held = openRuntime();
    const p = new Parameter('w', { runtime: held, shape: [8] });
    p.initialize({ device: [place(0), place(1)] });
    p.initialize({ forceReinit: true });
    p.cast('float16');
    p.resetDevice([place(2), place(3)]);
    expect(held.heldBytes()).toBe(4 * 8 * 4);
    expect((await held.census()).arrays).toBe(4);
  });
});

describe('deferred', () => {
  test('P-086, P-145: data and gradients say that initialization was deferred, even without gradients', () => {
    const p = parameter({ shape: [0, 3], allowDeferredInit: true, gradReq: 'null' });
    p.initialize({ init: 'ones' });
    expect(p.pending).toEqual({ kind: 'initializer', initializer: String(new One()) });
    for (const ask of [() => p.data(), () => p.grad(), () => p.listGrad()]) {
      expect(ask).toThrow(DeferredInitializationError);
      expect(ask).toThrow(/initialization was deferred/);
    }
  });

  test('P-128, P-068: completing the shape lets the next finish succeed', async () => {
    const p = parameter({ shape: [0, 3], allowDeferredInit: true });
    p.initialize({ init: 'ones', device: [place(0), place(1)] });
    await expect(p.finishDeferredInit()).rejects.toThrow(ShapeMismatchError);
    expect(p.status).toBe('deferred');
    p.shape = [2, 3];
    expect(p.status).toBe('deferred');
    p.finishDeferredInitSync();
    expect([p.status, await values(p)]).toEqual(['initialized', new Array(6).fill(1)]);
    p.finishDeferredInitSync();
  });

  test('P-042: a cast while deferred decides the dtype that is drawn', async () => {
    const p = parameter({ shape: [0], allowDeferredInit: true });
    p.initialize({ init: 'ones' });
    p.cast('int16');
    p.shape = [2];
    p.finishDeferredInitSync();
    expect([p.data().dtype, await values(p)]).toEqual(['int16', [1, 1]]);
  });

  test('P-102: a second initialize replaces initializer, devices and data that was set', async () => {
    const p = parameter({ shape: [0], allowDeferredInit: true });
    p.initialize({ init: 'zeros' });
    p.setData([1, 2]);
    p.initialize({ init: 'ones', device: place(1) });
    expect([p.status, await values(p), p.listDevice().map(String)]).toEqual([
      'initialized',
      [1, 1],
      [String(place(1))],
    ]);
  });

  test('P-125: data set while deferred waits for the finish', async () => {
    const p = parameter({ shape: [0, 3], allowDeferredInit: true });
    p.initialize({ init: 'zeros' });
    expect(() => p.setData([[1, 2]])).toThrow(ShapeMismatchError);
    p.setData([[1, 2, 3]]);
    expect([p.shape, p.pending]).toEqual([[1, 3], { kind: 'data' }]);
    expect(() => p.data()).toThrow(DeferredInitializationError);
    p.finishDeferredInitSync();
    expect(await values(p)).toEqual([1, 2, 3]);
  });

  test('a value in a file cannot be had at once', () => {
    const p = Parameter.fromSource('w', float32Source([1], [1]), { runtime });
    expect(() => p.finishDeferredInitSync()).toThrow(/Parameter 'w' .* the file model\.safetensors/);
  });
});
