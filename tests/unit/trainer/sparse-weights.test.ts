import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { cpu } from '../../../core/device/device.ts';
import type { NDArray } from '../../../core/device/nd-array.ts';
import { assignArray, type RowSparseNDArray } from '../../../core/device/sparse.ts';
import {
  DeviceMismatchError,
  InvalidArgumentError,
  InvalidStateError,
  NotInitializedError,
} from '../../../core/errors.ts';
import type { StorageType } from '../../../core/ndarray/storage-type.ts';
import { Parameter } from '../../../core/parameter/parameter.ts';
import { autograd } from '../../../core/symbol/autograd.ts';
import { Trainer } from '../../../core/trainer/trainer.ts';
import { float32, int64, rowSparse, rowsOf, runtime, valuesOf } from './arrays.ts';
import { firsts, parameter } from './parameters.ts';

/** A 4 x 2 matrix of ones on cpu(1) and cpu(2). */
function sparse(name = 's'): Parameter {
  return parameter(name, {
    stype: 'row_sparse',
    gradStype: 'row_sparse',
    shape: [4, 2],
    init: 'ones',
    device: [cpu(1), cpu(2)],
  });
}

function setGradients(s: Parameter, rows: readonly Readonly<Record<number, readonly number[]>>[]): void {
  s.listGrad().forEach((grad, i) => {
    assignArray(grad, rowSparse(rows[i] ?? {}, { shape: [4, 2], device: grad.device }));
  });
}

/** Collects until `done`; what is held weakly may live on for some turns of the event loop. */
async function collectUntil(done: () => boolean): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let i = 0; i < 50 && !done(); i++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    collect();
  }
}

/** A weak reference to a Trainer that nobody holds. */
function droppedTrainer(s: Parameter): WeakRef<Trainer> {
  return new WeakRef(new Trainer([s], 'sgd'));
}

describe('the link to a Trainer', () => {
  test('P-190 it is weak, and null clears it', async () => {
    const s = sparse();
    const dropped = droppedTrainer(s);
    await collectUntil(() => dropped.deref() === undefined);
    expect(() => s.rowSparseData(int64([0], cpu(1)))).toThrow(/no Trainer is created with it/);
    const trainer = new Trainer([s], 'sgd');
    expect(s.rowSparseData(int64([0], cpu(1))).shape).toEqual([4, 2]);
    s.setTrainer(null);
    expect(() => s.rowSparseData(int64([0], cpu(1)))).toThrow(InvalidStateError);
    expect(trainer.waitingParameters).toEqual([]);
  });

  test('P-193 a Trainer that was collected does not block another', async () => {
    const s = sparse();
    const dropped = droppedTrainer(s);
    await collectUntil(() => dropped.deref() === undefined);
    expect(() => new Trainer([s], 'sgd')).not.toThrow();
  });
});

describe('what may be asked', () => {
  const of = (stype: StorageType): Parameter => new Parameter('w', { stype, shape: [4, 2], runtime });

  test.each(['default', 'csr'] as const)('P-200 rowSparseData of %s storage is refused', (stype) => {
    expect(() => of(stype).rowSparseData([0])).toThrow(InvalidStateError);
    expect(() => of(stype).rowSparseData([0])).toThrow(
      `Cannot return a copy of Parameter 'w' via rowSparseData() because its storage type is ${stype}. Please use data() instead.`,
    );
  });

  test.each(['default', 'csr'] as const)('P-201 listRowSparseData of %s storage is refused', (stype) => {
    expect(() => of(stype).listRowSparseData([0])).toThrow(InvalidStateError);
    expect(() => of(stype).listRowSparseData([0])).toThrow(/via listRowSparseData\(\).*use listData\(\)/);
  });

  test('P-202 row ids are an array or a list of integers', async () => {
    const s = sparse();
    const trainer = new Trainer([s], 'sgd');
    for (const ids of ['0', 0, null, [0.5], ['0']] as unknown as readonly number[][]) {
      expect(() => s.rowSparseData(ids)).toThrow(InvalidArgumentError);
      expect(() => s.listRowSparseData(ids)).toThrow(InvalidArgumentError);
    }
    const [rows] = s.listRowSparseData([3, 1]);
    expect(rows && (await rowsOf(rows))).toEqual([1, 3]);
    expect(trainer.kvstore).not.toBeNull();
  });

  test('P-203 a Trainer is needed, which is looked at before the data', () => {
    const w = of('row_sparse');
    for (const ask of [() => w.rowSparseData(int64([0])), () => w.listRowSparseData(int64([0]))]) {
      expect(ask).toThrow(InvalidStateError);
      expect(ask).toThrow("Cannot get row_sparse data for Parameter 'w' when no Trainer is created with it.");
    }
  });

  test('P-204 the device of the row ids says which copy is meant', () => {
    const s = sparse();
    const trainer = new Trainer([s], 'sgd');
    expect(s.rowSparseData(int64([0], cpu(2))).device.toString()).toBe('cpu(2)');
    expect(() => s.rowSparseData(int64([0], cpu(7)))).toThrow(DeviceMismatchError);
    const w = of('row_sparse');
    w.setTrainer(trainer);
    expect(() => w.rowSparseData(int64([0]))).toThrow(NotInitializedError);
  });
});

describe('what comes', () => {
  async function contents(rows: RowSparseNDArray | undefined): Promise<unknown> {
    return rows && { rows: await rowsOf(rows), values: await valuesOf(rows), device: rows.device.toString() };
  }

  test('P-205 ids may repeat, be unsorted, of any dtype and shape', async () => {
    const s = sparse();
    const trainer = new Trainer([s], 'sgd');
    const forms: NDArray[] = [
      int64([2, 0, 2], cpu(1)),
      float32([2, 2, 0, 0], { shape: [2, 2], device: cpu(1) }),
      int64([0, 2], cpu(1)).asType('uint8'),
    ];
    for (const ids of forms) {
      expect(await contents(s.rowSparseData(ids))).toEqual({
        rows: [0, 2],
        values: [1, 1, 0, 0, 1, 1, 0, 0],
        device: 'cpu(1)',
      });
    }
    expect(trainer.waitingParameters).toEqual([]);
  });

  test('P-205 an id that is no row fails when the rows are read', async () => {
    const s = sparse();
    const trainer = new Trainer([s], 'sgd');
    await expect(s.rowSparseData(int64([4], cpu(1))).data()).rejects.toThrow(/Row id 4 is outside an array of 4 rows/);
    expect(trainer.kvstore).not.toBeNull();
    await expect(runtime.waitAll()).resolves.toBeUndefined();
  });

  test('P-206 the result is the caller’s own, and a later pull or step leaves it as it is', async () => {
    const s = sparse();
    const trainer = new Trainer([s], 'sgd', { learningRate: 1 });
    const first = s.rowSparseData(int64([0], cpu(1)));
    s.rowSparseData(int64([3], cpu(1)));
    setGradients(s, [{ 0: [1, 1] }]);
    trainer.step(1, { ignoreStaleGrad: true });
    expect(await contents(first)).toEqual({ rows: [0], values: [1, 1, 0, 0, 0, 0, 0, 0], device: 'cpu(1)' });
    expect(await firsts(s)).toEqual([1, 1]);
  });

  test('P-207 the list has the same rows on every device', async () => {
    const s = sparse();
    const trainer = new Trainer([s], 'sgd');
    const list = await Promise.all(s.listRowSparseData(int64([1])).map((rows) => contents(rows)));
    const values = [0, 0, 1, 1, 0, 0, 0, 0];
    expect(list).toEqual([
      { rows: [1], values, device: 'cpu(1)' },
      { rows: [1], values, device: 'cpu(2)' },
    ]);
    expect(trainer.kvstore?.type).toBe('device');
  });

  test('P-208 the first pull makes the store and fills it from the first copy only', async () => {
    const s = sparse();
    const [, second] = s.ownCopies();
    if (second) assignArray(second, rowSparse({ 0: [9, 9] }, { shape: [4, 2], device: cpu(2) }));
    const trainer = new Trainer([s], 'sgd');
    expect([trainer.kvstore, trainer.waitingParameters]).toEqual([null, [s]]);
    const lists = await Promise.all(s.listRowSparseData([0, 1]).map((rows) => valuesOf(rows)));
    expect(trainer.waitingParameters).toEqual([]);
    expect(lists).toEqual([
      [1, 1, 1, 1, 0, 0, 0, 0],
      [1, 1, 1, 1, 0, 0, 0, 0],
    ]);
  });
});

describe('T-025 what the Trainer gives', () => {
  test('T-025 all rows need as many ids', async () => {
    const s = sparse();
    const trainer = new Trainer([s], 'sgd');
    const all = trainer.rowSparsePull(s, { rowIds: int64([0, 1, 2, 3]), device: cpu(5), all: true });
    expect([all.device.toString(), await rowsOf(all)]).toEqual(['cpu(5)', [0, 1, 2, 3]]);
    const pull = () => trainer.rowSparsePull(s, { rowIds: int64([0]), device: cpu(1), all: true });
    expect(pull).toThrow(InvalidArgumentError);
    expect(pull).toThrow(/4 rows, but 1 row ids/);
  });

  test('T-025 only the Trainer’s own Parameters have rows in its store', () => {
    const trainer = new Trainer([sparse()], 'sgd');
    const pull = () => trainer.rowSparsePull(sparse('other'), { rowIds: int64([0]), device: cpu(1), all: false });
    expect(pull).toThrow(/Parameter 'other' is not one of this Trainer's/);
  });

  test('T-018 T-025 gradients update the store, rows are pulled from it, and reduce gives all of them', async () => {
    const s = sparse();
    const trainer = new Trainer([s], 'sgd', { learningRate: 1, lazyUpdate: true, momentum: 0.5 });
    s.listRowSparseData([0]);
    for (let i = 0; i < 2; i++) {
      setGradients(s, [{ 0: [1, 2] }, { 0: [1, 2], 3: [4, 4] }]);
      trainer.step(1, { ignoreStaleGrad: true });
    }
    const after = [1 - 2 - 3, 1 - 4 - 6, 1, 1, 1, 1, 1 - 4 - 6, 1 - 4 - 6];
    expect(await valuesOf(s.rowSparseData(int64([3, 0, 1, 2], cpu(2))))).toEqual(after);
    expect(await valuesOf(s.reduce())).toEqual(after);
    expect(await firsts(s)).toEqual([1, 1]);
  });
});

test.each([
  [
    [cpu(1), cpu(2)],
    [
      [0, 2],
      [1, 2],
    ],
  ],
  [[cpu(1)], [[0, 2, 1, 2]]],
])('an embedding on %s is trained by the rows that a batch needs', async (device, batches) => {
  const s = parameter('e', { stype: 'row_sparse', gradStype: 'row_sparse', shape: [4, 3], init: 'ones', device });
  const trainer = new Trainer([s], 'sgd', { learningRate: 1 });
  const heads = autograd.record(() =>
    batches.map((batch, i) => {
      const ids = int64(batch, device[i]);
      return s.rowSparseData(ids).toStype('default').take(ids).mul(2);
    }),
  );
  autograd.backward(heads);
  expect(await Promise.all(s.listGrad().map((grad) => rowsOf(grad as RowSparseNDArray)))).toEqual(
    batches.map((batch) => [...new Set(batch)].sort()),
  );
  trainer.step(1);
  expect(() => trainer.step(1)).toThrow(/has not been updated by backward/);
  const all = s.rowSparseData(int64([0, 1, 2, 3], device[0]));
  expect(await valuesOf(all)).toEqual([-1, -1, -1, -1, -1, -1, -3, -3, -3, 1, 1, 1]);
});
