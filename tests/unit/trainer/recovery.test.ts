import { describe, expect, test } from 'vitest';
import { DeviceLostError, UnsupportedDTypeError } from '../../../core/errors.ts';
import { Parameter } from '../../../core/parameter/parameter.ts';
import { autograd } from '../../../core/symbol/autograd.ts';
import { isRecordedResult } from '../../../core/symbol/tape.ts';
import { tidy } from '../../../core/symbol/tidy.ts';
import { KVStore } from '../../../core/trainer/kvstore.ts';
import { Trainer, type TrainerOptions } from '../../../core/trainer/trainer.ts';
import { warnings } from '../../../core/warnings.ts';
import { bytesOf, mortalRuntime } from '../device/runtimes.ts';
import { settledArrays } from '../device/settle.ts';
import { runtime } from './arrays.ts';
import { backward, firsts, parameter, TWO } from './parameters.ts';

describe('a device worker that dies', () => {
  test.each<[string, TrainerOptions, number, number]>([
    ['in the store', {}, 8, 0],
    ['of the devices', { updateOnKvstore: false }, 8, 2],
    ['without a store', { kvstore: null }, 9, 2],
  ])('takes the state %s along; with the values back, training goes on', async (_where, options, value, told) => {
    const { runtime: mortal, kill } = mortalRuntime();
    const x = new Parameter('x', { shape: [10], runtime: mortal });
    x.initialize({ init: 'zeros', device: [...TWO] });
    const trainer = new Trainer([x], 'sgd', { learningRate: 1, momentum: 0.5 }, options);
    backward(x);
    trainer.step(1);
    await mortal.sync();
    await kill();
    const seen: string[] = [];
    const unsubscribe = warnings.subscribe(({ message }) => seen.push(message));
    x.initialize({ init: 'zeros', device: [...TWO], forceReinit: true });
    x.setData(mortal.fromBytes({ shape: [10], dtype: 'float32', bytes: bytesOf(new Float32Array(10).fill(10)) }));
    backward(x);
    trainer.step(1);
    unsubscribe();
    expect(await firsts(x)).toEqual([value, value]);
    expect(seen).toHaveLength(told);
  });

  test('its loss is reported by a step that needs what it held', async () => {
    const { runtime: mortal, kill } = mortalRuntime();
    const x = new Parameter('x', { shape: [10], runtime: mortal });
    x.initialize({ init: 'zeros', device: [...TWO] });
    const trainer = new Trainer([x], 'sgd');
    backward(x);
    trainer.step(1);
    await mortal.sync();
    await kill();
    expect(() => trainer.step(1, { ignoreStaleGrad: true })).toThrow(DeviceLostError);
    expect(() => trainer.step(1, { ignoreStaleGrad: true })).toThrow(DeviceLostError);
  });
});

test('weights that are no floats are refused before anything changes', () => {
  const x = parameter('n', { dtype: 'int32' });
  const trainer = new Trainer([x], 'sgd');
  expect(() => trainer.step(1, { ignoreStaleGrad: true })).toThrow(UnsupportedDTypeError);
  expect(trainer.optimizer.rescaleGrad).toBe(1);
});

test('a step within autograd.record is no part of the graph', async () => {
  const x = parameter();
  const trainer = new Trainer([x], 'sgd', { learningRate: 1 });
  const copy = autograd.record(() => {
    backward(x);
    trainer.step(1);
    const { kvstore } = trainer;
    return kvstore instanceof KVStore ? kvstore.copyOf(0) : null;
  });
  expect(await firsts(x)).toEqual([-2, -2]);
  expect(copy && isRecordedResult(copy)).toBe(false);
});

test.each<[string, TrainerOptions]>([
  ['with a store that updates', {}],
  ['with a store that reduces', { updateOnKvstore: false }],
  ['without a store', { kvstore: null }],
])('steps %s leave no arrays behind', async (_how, options) => {
  const x = parameter('x', { gradStype: 'row_sparse', shape: [3, 2] });
  const y = parameter('y', { dtype: 'float16' });
  const trainer = new Trainer([x, y], 'adam', { multiPrecision: true }, options);
  const held: number[] = [];
  for (let i = 0; i < 4; i++) {
    for (const each of [x, y]) {
      const heads = autograd.record(() => tidy(() => each.listData().map((copy) => copy.mul(copy).sum())));
      autograd.backward(heads);
      for (const head of heads) head.dispose();
    }
    trainer.step(1);
    held.push(await settledArrays(runtime));
  }
  expect(held).toEqual(held.map(() => held[0]));
});
