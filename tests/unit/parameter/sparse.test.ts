import { describe, expect, test } from 'vitest';
import { cpu, withDevice } from '../../../core/device/device.ts';
import type { NDArray } from '../../../core/device/nd-array.ts';
import { RowSparseNDArray } from '../../../core/device/sparse.ts';
import {
  DeviceMismatchError,
  InvalidArgumentError,
  InvalidStateError,
  NotInitializedError,
} from '../../../core/errors.ts';
import { Constant, Uniform } from '../../../core/initializer/index.ts';
import { Parameter } from '../../../core/parameter/parameter.ts';
import type { ParameterOptions } from '../../../core/parameter/parameter-options.ts';
import type { RowIds } from '../../../core/parameter/row-sparse-access.ts';
import type { ParameterTrainer, RowSparsePull } from '../../../core/parameter/trainer-link.ts';
import { bytesOf, openRuntime } from '../device/runtimes.ts';

const runtime = openRuntime();

function parameter(options: ParameterOptions = {}): Parameter {
  return new Parameter('w', { runtime, shape: [4, 2], stype: 'row_sparse', ...options });
}

/** A Trainer whose store holds what the first copy held when it was made. */
class StoreTrainer implements ParameterTrainer {
  readonly pulls: RowSparsePull[] = [];

  beforeSetData(): void {}

  rowSparsePull(parameter: Parameter, request: RowSparsePull): RowSparseNDArray {
    this.pulls.push(request);
    const [stored] = parameter.ownCopies();
    if (!(stored instanceof RowSparseNDArray)) throw new Error('The store has only row_sparse weights.');
    const pulled = stored.retain(request.rowIds.copyTo(stored.device)).copyTo(request.device);
    if (!(pulled instanceof RowSparseNDArray)) throw new Error('A copy keeps its storage type.');
    return pulled;
  }
}

function trained(devices = [cpu(0)], options: ParameterOptions = {}): { p: Parameter; trainer: StoreTrainer } {
  const p = parameter(options);
  p.initialize({ init: 'ones', device: devices });
  const trainer = new StoreTrainer();
  p.setTrainer(trainer);
  return { p, trainer };
}

function ids(device = cpu(), ...values: number[]): NDArray {
  return runtime.fromBytes({ shape: [values.length], dtype: 'int32', device, bytes: bytesOf(Int32Array.from(values)) });
}

async function rowsOf(array: NDArray): Promise<number[]> {
  if (!(array instanceof RowSparseNDArray)) throw new Error('Not a row_sparse array.');
  return Array.from(await (await array.components()).indices.data(), Number);
}

describe('a row_sparse Parameter', () => {
  test('P-210, P-119: is initialized by any initializer, which gives all rows; zeros store none (decision)', async () => {
    for (const init of [new Uniform(1), 'xavier', new Constant(2)]) {
      const p = parameter();
      p.initialize({ init });
      const [copy] = p.ownCopies();
      expect([copy?.stype, copy?.shape, await rowsOf(copy as NDArray)]).toEqual(['row_sparse', [4, 2], [0, 1, 2, 3]]);
    }
    const zeros = parameter();
    zeros.initialize({ init: 'zeros' });
    expect(await rowsOf(zeros.ownCopies()[0] as NDArray)).toEqual([]);
  });

  test('P-121, P-146: its gradient is of the storage type that was asked for, and grad() gives it (decision)', async () => {
    const { p } = trained([cpu(0)], { gradStype: 'row_sparse' });
    expect([p.grad().stype, await rowsOf(p.grad())]).toEqual(['row_sparse', []]);
    expect(trained().p.grad().stype).toBe('default');
  });

  test('P-150: zeroGrad in place leaves no rows', async () => {
    const { p } = trained([cpu(0)], { gradStype: 'row_sparse' });
    const grad = p.grad();
    if (grad instanceof RowSparseNDArray) grad.assign(p.ownCopies()[0] as NDArray);
    expect(await rowsOf(grad)).toEqual([0, 1, 2, 3]);
    p.zeroGrad();
    expect([p.grad() === grad, await rowsOf(grad)]).toEqual([true, []]);
  });

  test('P-140, P-143: says where its data is to be had instead', () => {
    expect(() => trained().p.data()).toThrow(
      /via data\(\) because its storage type is row_sparse. Please use rowSparseData/,
    );
    expect(() => trained().p.listData()).toThrow(/listRowSparseData/);
  });

  test('P-200, P-201, P-209: rows are served by row_sparse Parameters alone', () => {
    for (const stype of ['default', 'csr'] as const) {
      const p = parameter({ stype });
      expect(() => p.rowSparseData([0])).toThrow(InvalidStateError);
      expect(() => p.rowSparseData([0])).toThrow(`via rowSparseData() because its storage type is ${stype}`);
      expect(() => p.listRowSparseData([0])).toThrow(`via listRowSparseData() because its storage type is ${stype}`);
    }
    const csr = parameter({ stype: 'csr' });
    csr.initialize({ init: 'ones' });
    expect(() => csr.data()).toThrow(InvalidStateError);
    expect(() => csr.listData()).toThrow(InvalidStateError);
    expect(csr.ownCopies()[0]?.stype).toBe('csr');
  });

  test('P-202: row ids are an array or a list of integers (decision)', () => {
    const { p } = trained();
    for (const rowId of ['0', 1, null, [0.5]]) {
      expect(() => p.rowSparseData(rowId as RowIds)).toThrow(InvalidArgumentError);
      expect(() => p.listRowSparseData(rowId as RowIds)).toThrow(/Row ids of Parameter 'w' must be/);
    }
  });

  test('P-203: without a Trainer there are no rows, which is told before the state', () => {
    const p = parameter();
    expect(() => p.rowSparseData([0])).toThrow(
      "Cannot get row_sparse data for Parameter 'w' when no Trainer is created with it.",
    );
    const { p: cleared } = trained();
    cleared.setTrainer(null);
    expect(() => cleared.listRowSparseData([0])).toThrow(InvalidStateError);
    p.setTrainer(new StoreTrainer());
    expect(() => p.rowSparseData([0])).toThrow(NotInitializedError);
  });

  test('P-204: the device of the ids decides, and has to hold a copy', async () => {
    const { p } = trained([cpu(0), cpu(1)]);
    expect(String(p.rowSparseData(ids(cpu(1), 2)).device)).toBe('cpu(1)');
    expect(() => p.rowSparseData(ids(cpu(2), 2))).toThrow(DeviceMismatchError);
    expect(withDevice(cpu(1), () => String(p.rowSparseData([2]).device))).toBe('cpu(1)');
  });

  test('P-205: gives the distinct rows ascending, in the full shape', async () => {
    const { p } = trained();
    const rows = p.rowSparseData(ids(cpu(), 3, 1, 3));
    expect([rows.shape, await rowsOf(rows), await rows.data()]).toEqual([
      [4, 2],
      [1, 3],
      Float32Array.of(0, 0, 1, 1, 0, 0, 1, 1),
    ]);
  });

  test('P-206: the result is an array of its own, and the stored copy keeps all rows (decision)', async () => {
    const { p } = trained();
    const first = p.rowSparseData([1]);
    const second = p.rowSparseData([0, 2]);
    first.clear();
    expect([await rowsOf(second), await rowsOf(p.ownCopies()[0] as NDArray)]).toEqual([
      [0, 2],
      [0, 1, 2, 3],
    ]);
  });

  test('P-207: the list has the rows on every device, in order', async () => {
    const { p } = trained([cpu(1), cpu(0)]);
    const lists = p.listRowSparseData([1, 2]);
    expect(lists.map((rows) => String(rows.device))).toEqual(['cpu(1)', 'cpu(0)']);
    for (const rows of lists) expect(await rowsOf(rows)).toEqual([1, 2]);
  });

  test('P-173, P-176: is reduced, and so moved, by pulling all rows from its Trainer', async () => {
    const without = parameter();
    without.initialize({ init: 'ones' });
    expect(() => without.reduce()).toThrow(
      "Cannot reduce row_sparse data for Parameter 'w' when no Trainer is created with it.",
    );
    expect(() => without.resetDevice(cpu(1))).toThrow(InvalidStateError);
    const { p, trainer } = trained();
    const all = p.reduce();
    expect([String(all.device), all.stype, await rowsOf(all)]).toEqual(['cpu(0)', 'row_sparse', [0, 1, 2, 3]]);
    expect(trainer.pulls.map((pull) => pull.all)).toEqual([true]);
    p.resetDevice([cpu(1), cpu(2)]);
    expect(p.ownCopies().map((copy) => [String(copy.device), copy.stype])).toEqual([
      ['cpu(1)', 'row_sparse'],
      ['cpu(2)', 'row_sparse'],
    ]);
  });

  test('P-177: the reduced value has the dtype of the Parameter (decision)', () => {
    expect(trained([cpu(0)], { dtype: 'float16' }).p.reduce().dtype).toBe('float16');
  });

  test('P-047: a cast keeps the storage type', async () => {
    const { p } = trained([cpu(0)], { gradStype: 'row_sparse' });
    p.cast('float16');
    expect([p.ownCopies()[0]?.stype, p.ownCopies()[0]?.dtype, p.grad().stype, p.grad().dtype]).toEqual([
      'row_sparse',
      'float16',
      'row_sparse',
      'float16',
    ]);
  });

  test('a gradReq of null keeps copies in the same memory', async () => {
    const { p } = trained();
    p.gradReq = 'null';
    expect(await rowsOf(p.ownCopies()[0] as NDArray)).toEqual([0, 1, 2, 3]);
  });
});

describe('its Trainer', () => {
  test('P-190, P-192, P-194: is linked, cleared and linked again; only stype decides how many there may be', () => {
    const [a, b] = [new StoreTrainer(), new StoreTrainer()];
    const dense = parameter({ stype: 'default', gradStype: 'row_sparse' });
    for (const trainer of [a, b, a, null, b]) dense.setTrainer(trainer);
    const sparse = parameter();
    for (const trainer of [a, a, null, b]) sparse.setTrainer(trainer);
  });

  test('P-191: a sparse Parameter has one at a time', () => {
    const p = parameter();
    const [a, b] = [new StoreTrainer(), new StoreTrainer()];
    p.setTrainer(a);
    expect(() => p.setTrainer(b)).toThrow(InvalidStateError);
    expect(() => p.setTrainer(b)).toThrow(
      "Failed to set the trainer for Parameter 'w' because it was already set. More than one trainers for a row_sparse Parameter is not supported.",
    );
    p.setTrainer(a);
  });
});
