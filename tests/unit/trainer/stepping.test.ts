import { describe, expect, test } from 'vitest';
import { RowSparseNDArray } from '../../../core/device/sparse.ts';
import { DeferredInitializationError, InvalidArgumentError, InvalidStateError } from '../../../core/errors.ts';
import { Constant } from '../../../core/parameter/constant.ts';
import { Parameter } from '../../../core/parameter/parameter.ts';
import { hasFreshGradient } from '../../../core/symbol/autograd.ts';
import { KVStore } from '../../../core/trainer/kvstore.ts';
import { Trainer } from '../../../core/trainer/trainer.ts';
import { HAS_GPUS, place } from '../device/runtimes.ts';
import { float32, rowsOf, runtime, valuesOf } from './arrays.ts';
import { backward, firsts, firstsOf, PlainStore, parameter, TWO } from './parameters.ts';

const MOMENTUM = { learningRate: 1, momentum: 0.5 };

test('T-014 a dense Parameter that is still deferred makes the first step fail', () => {
  const w = new Parameter('w', { shape: [-1, 2], allowDeferredInit: true, runtime });
  w.initialize({ init: 'zeros', device: [...TWO] });
  const x = parameter();
  const trainer = new Trainer([x, w], 'sgd');
  backward(x);
  expect(() => trainer.step(1)).toThrow(DeferredInitializationError);
  expect(trainer.kvstore).toBeNull();
});

test('T-015 filling the store makes every copy equal to the first', async () => {
  const x = parameter();
  const [first, second] = x.listData();
  if (first && second) {
    runtime.assign(first, float32(new Array(10).fill(5)));
    runtime.assign(second, float32(new Array(10).fill(7)));
  }
  const trainer = new Trainer([x], 'sgd', {}, { updateOnKvstore: false });
  trainer.allreduceGrads();
  expect(await firsts(x)).toEqual([5, 5]);
});

test.skipIf(HAS_GPUS)('T-015 P-129 with sparse weights deferred Parameters wait until they have data', async () => {
  const s = parameter('s', { stype: 'row_sparse', gradStype: 'row_sparse', shape: [3, 2] });
  const w = new Parameter('w', { shape: [-1], allowDeferredInit: true, gradReq: 'null', runtime });
  w.initialize({ init: 'ones', device: [...TWO] });
  const trainer = new Trainer([s, w], 'sgd');
  s.rowSparseData([0]);
  expect(trainer.waitingParameters).toEqual([w]);
  w.shape = [4];
  await w.finishDeferredInit();
  s.rowSparseData([0]);
  expect(trainer.waitingParameters).toEqual([]);
});

describe('T-016 a step', () => {
  test('T-016 sums the gradients of the devices and updates every copy', async () => {
    const x = parameter();
    const trainer = new Trainer([x], 'sgd', MOMENTUM);
    backward(x);
    trainer.step(1);
    expect(await firsts(x)).toEqual([-2, -2]);
    x.lrMult = 0.5;
    backward(x);
    trainer.step(1);
    expect(await firsts(x)).toEqual([-4, -4]);
  });

  test('T-016 divides the gradient by the batch size, beside the factor of the optimizer', async () => {
    const x = parameter();
    const trainer = new Trainer([x], 'sgd', { learningRate: 1, rescaleGrad: 3 });
    backward(x);
    trainer.step(2);
    expect(trainer.optimizer.rescaleGrad).toBe(1.5);
    backward(x);
    trainer.step(6);
    expect(await firsts(x)).toEqual([-4, -4]);
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('T-016 a batch size of %d is refused', (batchSize) => {
    expect(() => new Trainer([parameter()], 'sgd').step(batchSize)).toThrow(InvalidArgumentError);
  });

  test.each(['local', 'device'] as const)('T-016 gives the same with a store of type %s', async (kvstore) => {
    const x = parameter();
    const trainer = new Trainer([x], 'sgd', { learningRate: 0.1 }, { kvstore });
    backward(x);
    trainer.step(1);
    const [first = 0, second] = await firsts(x);
    expect(first).toBeCloseTo(-0.2, 6);
    expect(second).toBe(first);
  });

  test.each([true, false])('T-016 gives the same whoever updates (updateOnKvstore %s)', async (updateOnKvstore) => {
    const x = parameter('x', { init: 'ones' });
    const trainer = new Trainer([x], 'adam', { learningRate: 0.1, wd: 0.01 }, { updateOnKvstore });
    for (let i = 0; i < 3; i++) {
      backward(x, (copy, index) => copy.mul(index + 1));
      trainer.step(2);
    }
    const [first = 0, second] = await firsts(x);
    expect(first).toBeCloseTo(0.7, 3);
    expect(second).toBe(first);
    expect(trainer.optimizer.numUpdate).toBe(3);
  });

  test('T-017 a distributed store that updates keeps the scale of the first step', () => {
    const x = parameter();
    const trainer = new Trainer([x], 'sgd', {}, { kvstore: new PlainStore('dist_sync', { capable: true }) });
    backward(x);
    trainer.step(4);
    backward(x);
    trainer.step(4);
    backward(x);
    expect(() => trainer.step(8)).toThrow(InvalidStateError);
    expect(() => trainer.step(8)).toThrow(/batch_size/);
  });
});

describe('T-018 reducing', () => {
  test('T-018 without a store nothing is reduced', async () => {
    const x = parameter();
    const trainer = new Trainer([x], 'sgd', { learningRate: 1 }, { kvstore: null });
    backward(x, (copy, index) => copy.mul(index + 1));
    trainer.step(1);
    expect(await firsts(x)).toEqual([-1, -2]);
  });

  test('T-018 dense gradients become their sum in every buffer', async () => {
    const x = parameter();
    const trainer = new Trainer([x], 'sgd', MOMENTUM, { updateOnKvstore: false });
    backward(x, (copy, index) => copy.mul(index));
    expect(await firstsOf(x.listGrad())).toEqual([0, 1]);
    trainer.allreduceGrads();
    expect(await firstsOf(x.listGrad())).toEqual([1, 1]);
    trainer.update(1);
    expect(await firsts(x)).toEqual([-1, -1]);
  });

  test('T-018 where the store updates, the gradients stay and the weights come back', async () => {
    const x = parameter();
    const trainer = new Trainer([x], 'sgd', MOMENTUM, { updateOnKvstore: true });
    backward(x, (copy, index) => copy.mul(index));
    trainer.step(1);
    expect(await firstsOf(x.listGrad())).toEqual([0, 1]);
    expect(await firsts(x)).toEqual([-1, -1]);
  });

  test.skipIf(HAS_GPUS).each([true, false])(
    'T-018 sparse gradients of dense weights change the rows of their sum (updateOnKvstore %s)',
    async (updateOnKvstore) => {
      const x = parameter('x', { gradStype: 'row_sparse', shape: [3, 2], init: 'ones' });
      const options = { learningRate: 1, wd: 0.5, lazyUpdate: true };
      const trainer = new Trainer([x], 'sgd', options, { updateOnKvstore });
      const masks = [
        [0, 0, 1, 1, 0, 0],
        [0, 0, 1, 1, 2, 2],
      ];
      backward(x, (copy, i) => copy.mul(float32(masks[i] ?? [], { shape: [3, 2], device: place(i) })));
      trainer.step(1);
      for (const copy of x.listData()) expect(await valuesOf(copy)).toEqual([1, 1, -1.5, -1.5, -1.5, -1.5]);
      const rows = await Promise.all(
        x.listGrad().map((grad) => (grad instanceof RowSparseNDArray ? rowsOf(grad) : [])),
      );
      expect(rows).toEqual(
        updateOnKvstore
          ? [[1], [1, 2]]
          : [
              [1, 2],
              [1, 2],
            ],
      );
    },
  );

  test('T-019 where the store updates, reducing and updating apart is refused', () => {
    const x = parameter();
    const trainer = new Trainer([x], 'sgd');
    backward(x);
    trainer.step(1);
    for (const call of [() => trainer.allreduceGrads(), () => trainer.update(1)]) {
      expect(call).toThrow(InvalidStateError);
      expect(call).toThrow(/when parameters are updated on kvstore is not supported/);
    }
  });
});

describe.each([true, false])('T-020 stale gradients (updateOnKvstore %s)', (updateOnKvstore) => {
  const make = () => {
    const x = parameter();
    return { x, trainer: new Trainer([x], 'sgd', { learningRate: 1 }, { updateOnKvstore }) };
  };

  test('T-020 before the first backward are found, and nothing changes', async () => {
    const { x, trainer } = make();
    expect(() => trainer.step(2)).toThrow(InvalidStateError);
    expect(() => trainer.step(2)).toThrow(`Gradient of Parameter 'x' on device ${place(0)} has not been updated`);
    expect(await firsts(x)).toEqual([0, 0]);
    expect(trainer.optimizer.rescaleGrad).toBe(1);
  });

  test('T-020 after a step are found at every step', () => {
    const { x, trainer } = make();
    backward(x);
    trainer.step(1);
    expect(() => trainer.step(1)).toThrow(/has not been updated/);
    backward(x);
    expect(() => trainer.step(1)).not.toThrow();
  });

  test('T-020 on one device of several are found', () => {
    const { x, trainer } = make();
    const [first] = x.listData();
    backward({ listData: () => (first ? [first] : []) } as unknown as Parameter);
    expect(() => trainer.step(1)).toThrow(String(place(1)));
  });

  test('T-020 are passed over where that is asked for', () => {
    const { trainer } = make();
    expect(() => trainer.step(1, { ignoreStaleGrad: true })).not.toThrow();
  });
});

test('T-020 ignoring stale gradients updates the fresh copies only', async () => {
  const x = parameter();
  const trainer = new Trainer([x], 'sgd', { learningRate: 1 }, { kvstore: null });
  const [first] = x.listData();
  backward({ listData: () => (first ? [first] : []) } as unknown as Parameter);
  trainer.step(1, { ignoreStaleGrad: true });
  expect(await firsts(x)).toEqual([-1, 0]);
});

test('T-021 backward makes a copy’s gradient fresh, marking and a step make it stale', () => {
  const x = parameter();
  const trainer = new Trainer([x], 'sgd', {}, { kvstore: null });
  const fresh = () => x.listData().map((copy) => hasFreshGradient(copy));
  expect(fresh()).toEqual([false, false]);
  backward(x);
  expect(fresh()).toEqual([true, true]);
  trainer.step(1);
  expect(fresh()).toEqual([false, false]);
  backward(x);
  x.gradReq = 'add';
  expect(fresh()).toEqual([false, false]);
});

describe('T-024 P-164 values that are set', () => {
  test.each(['local', 'device'] as const)(
    'P-164 reset a %s store that updates; the step starts from them',
    async (kvstore) => {
      const x = parameter();
      const trainer = new Trainer([x], 'sgd', { learningRate: 0.1 }, { kvstore });
      backward(x);
      trainer.step(1);
      x.setData(float32(new Array(10).fill(0)));
      expect([trainer.kvstore, trainer.updateOnKvstore]).toEqual([null, null]);
      expect(trainer.waitingParameters).toEqual([x]);
      backward(x);
      trainer.step(1);
      expect((await firsts(x))[0]).toBeCloseTo(-0.2, 6);
    },
  );

  test('P-164 T-024 momentum in the store is lost, the count of updates stays', async () => {
    const x = parameter();
    const trainer = new Trainer([x], 'sgd', MOMENTUM);
    backward(x);
    trainer.step(1);
    x.setData(float32(new Array(10).fill(0)));
    backward(x);
    trainer.step(1);
    expect(await firsts(x)).toEqual([-2, -2]);
    expect(trainer.optimizer.numUpdate).toBe(2);
  });

  test('P-164 a store of the user’s own is emptied and filled again', async () => {
    const x = parameter();
    const kvstore = new KVStore('local');
    const trainer = new Trainer([x], 'sgd', { learningRate: 1 }, { kvstore });
    backward(x);
    trainer.step(1);
    x.setData(float32(new Array(10).fill(10)));
    backward(x);
    trainer.step(1);
    expect(await firsts(x)).toEqual([8, 8]);
    expect(trainer.kvstore).toBe(kvstore);
  });

  test.skipIf(HAS_GPUS)('P-164 a Parameter that waits to be put into the store resets nothing', () => {
    const s = parameter('s', { stype: 'row_sparse', gradStype: 'row_sparse', shape: [3, 2] });
    const w = new Parameter('w', { shape: [-1], allowDeferredInit: true, gradReq: 'null', runtime });
    w.initialize({ init: 'ones', device: [...TWO] });
    const trainer = new Trainer([s, w], 'sgd');
    s.rowSparseData([0]);
    const store = trainer.kvstore;
    trainer.beforeSetData(w);
    expect(trainer.kvstore).toBe(store);
    trainer.beforeSetData(s);
    expect(trainer.kvstore).toBeNull();
  });

  test('P-164 T-024 a distributed store cannot be reset, and the Parameter keeps its value', async () => {
    const x = parameter();
    const trainer = new Trainer([x], 'sgd', {}, { kvstore: new PlainStore('dist_sync', { capable: true }) });
    backward(x);
    trainer.step(1);
    const before = await firsts(x);
    const set = () => x.setData(float32(new Array(10).fill(9)));
    expect(set).toThrow(InvalidStateError);
    expect(set).toThrow(/Cannot reset distributed KVStore/);
    expect(await firsts(x)).toEqual(before);
  });

  test('P-165 reset nothing without a store, or where the devices update', () => {
    for (const options of [{ kvstore: null }, { updateOnKvstore: false }]) {
      const x = parameter();
      const trainer = new Trainer([x], 'sgd', MOMENTUM, options);
      backward(x);
      trainer.step(1);
      const store = trainer.kvstore;
      x.setData(float32(new Array(10).fill(0)));
      expect(trainer.kvstore).toBe(store);
      expect(trainer.waitingParameters).toEqual([]);
      expect(trainer.updaters[0]?.states.size).toBe(1);
    }
  });
});

test('T-026 P-257 constants are put into the store and are neither reduced nor updated', async () => {
  const x = parameter();
  const c = new Constant(new Array(10).fill(3), { runtime });
  c.initialize({ device: [...TWO] });
  const frozen = parameter('frozen', { gradReq: 'null', init: 'ones' });
  const trainer = new Trainer([c, x, frozen], 'sgd', { learningRate: 1 });
  backward(x, (copy, index) => copy.mul(c.data(place(index))));
  trainer.step(1);
  expect(await firsts(c)).toEqual([3, 3]);
  expect(await firsts(frozen)).toEqual([1, 1]);
  expect(await firsts(x)).toEqual([-6, -6]);
  const { kvstore } = trainer;
  expect(kvstore instanceof KVStore && [0, 1, 2].every((slot) => kvstore.has(slot))).toBe(true);
});
