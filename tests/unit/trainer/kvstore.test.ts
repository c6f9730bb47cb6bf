import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cpu } from '../../../core/device/device.ts';
import { InvalidArgumentError, InvalidStateError, ShapeMismatchError } from '../../../core/errors.ts';
import { KVStore } from '../../../core/trainer/kvstore.ts';
import type { Capability } from '../../../core/trainer/kvstore-base.ts';
import { SGD } from '../../../core/trainer/sgd.ts';
import { warnings } from '../../../core/warnings.ts';
import { float32, int64, rowSparse, rowsOf, runtime, valuesOf } from './arrays.ts';

const messages: string[] = [];
let unsubscribe = () => {};
beforeEach(() => {
  messages.length = 0;
  unsubscribe = warnings.subscribe(({ message }) => messages.push(message));
});
afterEach(() => unsubscribe());

const shape = [3, 3] as const;
const ones = () => rowSparse({ 0: [1, 1, 1], 1: [1, 1, 1], 2: [1, 1, 1] }, { shape });

describe.each(['local', 'device'])('KVStore %s', (type) => {
  test('K-001 keys are all numbers or all strings', () => {
    const store = new KVStore(type);
    store.init(3, float32([1]));
    expect(() => store.init('w', float32([1]))).toThrow(InvalidArgumentError);
    expect(() => store.push('w', float32([1]))).toThrow(/Mixed key types are not allowed/);
    expect(() => new KVStore(type).init([1, 'w'], [float32([1]), float32([1])])).toThrow(InvalidArgumentError);
  });

  test('K-002 init stores a copy; what was not inited can be neither pulled nor updated', async () => {
    const store = new KVStore(type);
    const value = float32([1, 2]);
    store.init('w', value);
    runtime.zero(value);
    const out = float32([0, 0]);
    store.pull('w', out);
    expect(await valuesOf(out)).toEqual([1, 2]);
    expect(() => store.pull('v', out)).toThrow(InvalidStateError);
    expect(() => store.pull('v', out)).toThrow(/key v: it has not been inited/);
    store.setUpdater(() => {});
    expect(() => store.push('v', out)).toThrow(/has not been inited/);
  });

  test('K-003 push replaces what is stored by the sum over devices', async () => {
    const store = new KVStore(type);
    store.init(0, float32([100]));
    store.push(0, [float32([1], { device: cpu(1) }), float32([2], { device: cpu(2) }), float32([3])]);
    const out = float32([0]);
    store.pull(0, out);
    expect(await valuesOf(out)).toEqual([6]);
    store.push(0, float32([1]));
    store.pull(0, out);
    expect(await valuesOf(out)).toEqual([1]);
  });

  test('K-003 with an updater push updates what is stored by the sum', async () => {
    const store = new KVStore(type);
    store.init(0, float32([100]));
    const seen: unknown[] = [];
    store.setUpdater((key, received, stored) => {
      seen.push(key);
      const [sum] = runtime.invoke('add_n', [received, stored, stored], {
        outputs: [{ shape: [1], dtype: 'float32' }],
      });
      if (sum) runtime.assign(stored, sum);
    });
    store.push(0, [float32([1], { device: cpu(1) }), float32([2])]);
    const out = float32([0], { device: cpu(3) });
    store.pull(0, out);
    expect(await valuesOf(out)).toEqual([203]);
    expect(seen).toEqual([0]);
  });

  test('K-003 sums keep 64-bit integers exact, and round narrow floats once', async () => {
    const store = new KVStore(type);
    const big = 2 ** 53;
    store.push(0, [int64([big]), int64([1], cpu(1)), int64([1], cpu(2))]);
    const whole = int64([0]);
    store.pull(0, whole);
    expect((await whole.data())[0]).toBe(BigInt(big) + 2n);
    const halves = [2048, 1, 1].map((value) => float32([value]).asType('float16'));
    store.push(1, halves);
    const half = float32([0]).asType('float16');
    store.pull(1, half);
    expect(await valuesOf(half)).toEqual([2050]);
  });

  test('K-003 row_sparse sums hold the union of the rows', async () => {
    const store = new KVStore(type);
    store.init('g', rowSparse({}, { shape }));
    store.push('g', [
      rowSparse({ 0: [1, 2, 3] }, { shape }),
      rowSparse({ 0: [1, 1, 1], 2: [5, 5, 5] }, { shape, device: cpu(1) }),
    ]);
    const out = rowSparse({}, { shape });
    store.pull('g', out, { ignoreSparse: false });
    expect(await valuesOf(out)).toEqual([2, 3, 4, 0, 0, 0, 5, 5, 5]);
    expect(await rowsOf(out)).toEqual([0, 2]);
  });

  test('K-003 what is pushed together has one shape and dtype', () => {
    const store = new KVStore(type);
    expect(() => store.push(0, [float32([1]), float32([1, 2])])).toThrow(ShapeMismatchError);
    expect(() => store.push(0, [])).toThrow(InvalidArgumentError);
  });

  test('K-004 pull copies to every output and leaves sparse ones with a warning', async () => {
    const store = new KVStore(type);
    store.init(0, ones());
    const outs = [float32(new Array(9).fill(0), { shape }), rowSparse({ 1: [7, 7, 7] }, { shape })];
    store.pull(0, outs);
    const [dense, sparse] = await Promise.all(outs.map((out) => valuesOf(out)));
    expect(dense).toEqual(new Array(9).fill(1));
    expect(sparse).toEqual([0, 0, 0, 7, 7, 7, 0, 0, 0]);
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatch(/sparse/);
  });

  test('K-005 pushpull sums into the values themselves; broadcast cannot be repeated', async () => {
    const store = new KVStore(type);
    const copies = [float32([0]), float32([5], { device: cpu(1) })];
    store.broadcast(0, float32([3]), copies);
    expect(await Promise.all(copies.map((copy) => valuesOf(copy)))).toEqual([[3], [3]]);
    store.pushpull(0, copies);
    expect(await Promise.all(copies.map((copy) => valuesOf(copy)))).toEqual([[6], [6]]);
    expect(() => store.broadcast(0, float32([3]), copies)).toThrow(InvalidStateError);
  });

  test('K-005 lists of keys take lists of arrays, or as many for each key', async () => {
    const store = new KVStore(type);
    store.init([5, 7], [float32([1]), float32([2])]);
    store.push([5, 7], [float32([1]), float32([10]), float32([2]), float32([20])]);
    const outs = [float32([0]), float32([0])];
    store.pull([5, 7], outs);
    expect(await Promise.all(outs.map((out) => valuesOf(out)))).toEqual([[11], [22]]);
    expect(() => store.init([1, 2], [float32([1]), float32([1]), float32([1])])).toThrow(InvalidArgumentError);
  });

  test.each([
    [
      [0, 2],
      [0, 2],
    ],
    [[2, 2], [2]],
    [
      [1, 0],
      [0, 1],
    ],
  ])('K-006 row_sparse_pull of ids %j holds exactly the rows %j', async (ids, rows) => {
    const store = new KVStore(type);
    store.init('e', ones());
    const out = rowSparse({ 1: [9, 9, 9] }, { shape });
    store.rowSparsePull('e', { out, rowIds: int64(ids) });
    expect(await rowsOf(out)).toEqual(rows);
    expect(await valuesOf(out)).toEqual([0, 1, 2].flatMap((row) => new Array(3).fill(rows.includes(row) ? 1 : 0)));
  });

  test('K-006 rows that are not stored come as zeros; ids may be of any dtype and shape', async () => {
    const store = new KVStore(type);
    store.init('e', rowSparse({ 1: [4, 5, 6] }, { shape }));
    const out = rowSparse({}, { shape, device: cpu(1) });
    store.rowSparsePull('e', { out, rowIds: float32([2, 1, 1, 2], { shape: [2, 2], device: cpu(1) }) });
    expect(await rowsOf(out)).toEqual([1, 2]);
    expect(await valuesOf(out)).toEqual([0, 0, 0, 4, 5, 6, 0, 0, 0]);
  });

  test('K-006 one set of ids serves all outputs, several need one each', async () => {
    const store = new KVStore(type);
    store.init('e', ones());
    const outs = [rowSparse({}, { shape }), rowSparse({}, { shape, device: cpu(1) })];
    store.rowSparsePull('e', { out: outs, rowIds: int64([1]) });
    expect(await Promise.all(outs.map((out) => rowsOf(out)))).toEqual([[1], [1]]);
    store.rowSparsePull('e', { out: outs, rowIds: [int64([0]), int64([2])] });
    expect(await Promise.all(outs.map((out) => rowsOf(out)))).toEqual([[0], [2]]);
    expect(() => store.rowSparsePull('e', { out: [...outs, ones()], rowIds: [int64([0]), int64([2])] })).toThrow(
      /number of rowIds/,
    );
  });

  test('K-006 what is stored and what is written must be row_sparse, out and ids given', () => {
    const store = new KVStore(type);
    store.init(['d', 'e'], [float32(new Array(9).fill(1), { shape }), ones()]);
    const rowIds = int64([0]);
    expect(() => store.rowSparsePull('d', { out: ones(), rowIds })).toThrow(InvalidStateError);
    expect(() => store.rowSparsePull('e', { out: float32([0]), rowIds })).toThrow(InvalidStateError);
    expect(() => store.rowSparsePull('e', { out: null, rowIds })).toThrow(InvalidArgumentError);
    expect(() => store.rowSparsePull('e', { out: ones(), rowIds: null })).toThrow(InvalidArgumentError);
  });

  test('K-007 with an optimizer pushes update what is stored, sparse rows in place', async () => {
    const store = new KVStore(type);
    store.init([0, 1], [float32([1, 1]), rowSparse({ 0: [1, 1, 1] }, { shape })]);
    store.setOptimizer(new SGD({ learningRate: 0.5, momentum: 0.5, lazyUpdate: true }));
    const gradient = () => [float32([1, 2]), float32([1, 2], { device: cpu(1) })];
    store.push(0, gradient());
    store.push(0, gradient());
    store.push(1, rowSparse({ 2: [2, 2, 2] }, { shape, device: cpu(1) }));
    const out = float32([0, 0]);
    store.pull(0, out);
    expect(await valuesOf(out)).toEqual([1 - 1 - 1.5, 1 - 2 - 3]);
    expect(await valuesOf(store.rows(1, int64([0, 1, 2])))).toEqual([1, 1, 1, 0, 0, 0, -1, -1, -1]);
    expect([...(store.updater?.states.keys() ?? [])]).toEqual([0, 1]);
  });

  test('K-007 knows the capability optimizer and no other', () => {
    const store = new KVStore(type);
    expect(store.isCapable('optimizer')).toBe(true);
    expect(() => store.isCapable('teleport' as Capability)).toThrow(InvalidArgumentError);
  });

  test('K-009 type is the name given at creation', () => {
    expect(new KVStore(type).type).toBe(type);
    expect(() => new KVStore('dist_sync')).toThrow(InvalidArgumentError);
  });

  test('a store keeps nothing of what was pushed through it', async () => {
    const store = new KVStore(type);
    const [gradient, other] = [float32([1]), float32([1], { device: cpu(1) })];
    const before = await runtime.census();
    store.init(0, gradient);
    store.setOptimizer(new SGD({ momentum: 0.9 }));
    for (let i = 0; i < 5; i++) store.pushpull(0, [gradient, other]);
    expect((await runtime.census()).arrays).toBe(before.arrays + 2);
    store.remove(0);
    expect((await runtime.census()).arrays).toBe(before.arrays);
  });
});
