import { describe, expect, test } from 'vitest';
import { cpu } from '../../../core/device/device.ts';
import type { NDArray } from '../../../core/device/nd-array.ts';
import {
  addRowSparse,
  CSRNDArray,
  csrArray,
  RowSparseNDArray,
  rowSparseArray,
  zerosOf,
} from '../../../core/device/sparse.ts';
import { InvalidArgumentError, InvalidStateError, ShapeMismatchError } from '../../../core/errors.ts';
import type { DType } from '../../../core/ndarray/dtype.ts';
import type { Shape } from '../../../core/ndarray/shape.ts';
import { bytesOf, HOLDABLE_DTYPES, openRuntime } from './runtimes.ts';

const runtime = openRuntime();

function floats(shape: Shape, values: readonly number[], device = cpu()): NDArray {
  return runtime.fromBytes({ shape, dtype: 'float32', device, bytes: bytesOf(Float32Array.from(values)) });
}

function ids(...values: number[]): NDArray {
  const bytes = bytesOf(BigInt64Array.from(values, BigInt));
  return runtime.fromBytes({ shape: [values.length], dtype: 'int64', bytes });
}

/** Rows 1 and 3 of 5 rows of 2. */
function twoRows(): RowSparseNDArray {
  return rowSparseArray({ indices: ids(1, 3), data: floats([2, 2], [1, 2, 3, 4]), shape: [5, 2] });
}

const TWO_ROWS_DENSE = Float32Array.of(0, 0, 1, 2, 0, 0, 3, 4, 0, 0);

async function stored(array: RowSparseNDArray): Promise<{ indices: number[]; values: number[] }> {
  const { indices, values } = await array.components();
  return { indices: Array.from(await indices.data(), Number), values: Array.from(await values.data(), Number) };
}

describe('row_sparse', () => {
  test('has the shape, the values and the bytes of its dense form', async () => {
    const array = twoRows();
    expect(array).toMatchObject({ stype: 'row_sparse', shape: [5, 2], dtype: 'float32', size: 10 });
    expect(String(array.device)).toBe('cpu(0)');
    expect(await array.data()).toEqual(TWO_ROWS_DENSE);
    expect(await array.bytes()).toEqual(bytesOf(TWO_ROWS_DENSE));
    expect(await array.norm()).toBeCloseTo(Math.sqrt(30), 12);
    expect(await stored(array)).toEqual({ indices: [1, 3], values: [1, 2, 3, 4] });
  });

  test('comes from a dense array without its zero rows, and goes back to it', async () => {
    const array = floats([5, 2], [...TWO_ROWS_DENSE]).toStype('row_sparse');
    expect(array).toBeInstanceOf(RowSparseNDArray);
    expect(await stored(array as RowSparseNDArray)).toEqual({ indices: [1, 3], values: [1, 2, 3, 4] });
    expect(await array.toStype('default').data()).toEqual(TWO_ROWS_DENSE);
  });

  test('a row with a NaN is no zero row', async () => {
    const array = floats([2, 2], [Number.NaN, 0, 0, -0]).toStype('row_sparse') as RowSparseNDArray;
    expect((await stored(array)).indices).toEqual([0]);
  });

  test.each(HOLDABLE_DTYPES)('keeps the bits of %s', async (dtype: DType) => {
    const dense = floats([3, 2], [0, 0, 1, 2, 0, 1]).asType(dtype);
    expect(await dense.toStype('row_sparse').bytes()).toEqual(await dense.bytes());
    expect(await dense.toStype('csr').bytes()).toEqual(await dense.bytes());
  });

  test('a cast and a copy keep the storage type', async () => {
    const array = twoRows().asType('float16').copyTo(cpu(1));
    expect([array.stype, array.dtype, String(array.device)]).toEqual(['row_sparse', 'float16', 'cpu(1)']);
    expect(await array.data()).toEqual(TWO_ROWS_DENSE);
  });

  test('is written in place: every handle of it sees that', async () => {
    const array = twoRows();
    const other = array.detach();
    array.assign(floats([5, 2], [9, 9, 0, 0, 0, 0, 0, 0, 0, 0]));
    expect(await stored(other as RowSparseNDArray)).toEqual({ indices: [0], values: [9, 9] });
    array.clear();
    expect(await stored(other as RowSparseNDArray)).toEqual({ indices: [], values: [] });
    expect(() => array.assign(floats([5], [1, 2, 3, 4, 5]))).toThrow(ShapeMismatchError);
  });

  test('accumulates dense and sparse arrays', async () => {
    const array = twoRows();
    array.accumulate(twoRows());
    array.accumulate(floats([5, 2], [1, 1, 0, 0, 0, 0, 0, 0, 0, 0]));
    expect(await stored(array)).toEqual({ indices: [0, 1, 3], values: [1, 1, 2, 4, 6, 8] });
  });

  test('the sum of several has the rows of all', async () => {
    const other = rowSparseArray({ indices: ids(0, 3), data: floats([2, 2], [5, 6, 7, 8]), shape: [5, 2] });
    expect(await stored(addRowSparse(twoRows(), other))).toEqual({ indices: [0, 1, 3], values: [5, 6, 1, 2, 10, 12] });
  });

  test('retain gives the distinct rows that were asked for, zeros where none is stored', async () => {
    expect(await stored(twoRows().retain(ids(3, 0, 3)))).toEqual({ indices: [0, 3], values: [0, 0, 3, 4] });
    expect(await stored(twoRows().retain(floats([1, 1], [1])))).toEqual({ indices: [1], values: [1, 2] });
    await expect(twoRows().retain(ids(5)).data()).rejects.toThrow('Row id 5 is outside an array of 5 rows.');
  });

  test('may have a shape that no dense array could have', async () => {
    const shape = [2 ** 40, 2];
    const array = rowSparseArray({ indices: ids(2 ** 39), data: floats([1, 2], [1, 2]), shape });
    expect(await array.norm()).toBeCloseTo(Math.sqrt(5), 12);
    expect(() => array.toStype('default')).toThrow(/on a device/);
  });

  test.each([
    ['descend', [3, 1]],
    ['repeat', [1, 1]],
    ['are negative', [-1, 1]],
    ['are beyond the shape', [1, 5]],
  ])('indices that %s are refused at the next read', async (_why, indices) => {
    const array = rowSparseArray({ indices: ids(...indices), data: floats([2, 2], [1, 2, 3, 4]), shape: [5, 2] });
    await expect(array.data()).rejects.toThrow(InvalidArgumentError);
    await expect(array.data()).rejects.toThrow(/must ascend from 0 to 4/);
  });

  test('data that is not one row for each index is refused at once', () => {
    const make = () => rowSparseArray({ indices: ids(1), data: floats([2, 2], [1, 2, 3, 4]), shape: [5, 2] });
    expect(make).toThrow('The data of a row_sparse array have shape (2, 2), expected (1, 2).');
    expect(() => zerosOf(runtime, { shape: [], dtype: 'float32', stype: 'row_sparse' })).toThrow(ShapeMismatchError);
  });

  test('is refused by what knows only dense arrays', () => {
    expect(() => runtime.zero(twoRows())).toThrow(InvalidStateError);
    expect(() => runtime.mean([twoRows()], cpu())).toThrow(/row_sparse array .* toStype\('default'\)/);
  });

  test('disposed of, it holds nothing and says so', async () => {
    const held = openRuntime();
    const array = held.zeros({ shape: [3, 2], dtype: 'float32' });
    const sparse = array.toStype('row_sparse');
    await sparse.data();
    sparse.dispose();
    array.dispose();
    expect([held.heldBytes(), sparse.disposed]).toEqual([0, true]);
    expect((await held.census()).arrays).toBe(0);
    await expect(sparse.data()).rejects.toThrow('was disposed of');
  });
});

describe('csr', () => {
  const DENSE = [0, 1, 0, 2, 0, 3];

  test('comes from a dense matrix and goes back to it', async () => {
    const array = floats([2, 3], DENSE).toStype('csr') as CSRNDArray;
    expect(array).toBeInstanceOf(CSRNDArray);
    expect(array).toMatchObject({ stype: 'csr', shape: [2, 3] });
    const { indptr, indices, values } = await array.components();
    expect([await indptr.data(), await indices.data(), await values.data()]).toEqual([
      BigInt64Array.of(0n, 1n, 3n),
      BigInt64Array.of(1n, 0n, 2n),
      Float32Array.of(1, 2, 3),
    ]);
    expect(await array.data()).toEqual(Float32Array.from(DENSE));
  });

  test('is made of its parts', async () => {
    const parts = { indptr: ids(0, 1, 3), indices: ids(1, 0, 2), data: floats([3], [1, 2, 3]) };
    expect(await csrArray({ ...parts, shape: [2, 3] }).data()).toEqual(Float32Array.from(DENSE));
    expect(() => csrArray({ ...parts, shape: [3, 3] })).toThrow(
      'The indptr of a csr array have shape (3,), expected (4,)',
    );
    expect(() => csrArray({ ...parts, shape: [6] })).toThrow('A csr array is a matrix, but its shape is (6,).');
  });

  test.each([
    [[0, 2, 1], [1, 0, 2], /indptr of a csr array must ascend from 0 to 3/],
    [[1, 1, 3], [1, 0, 2], /indptr/],
    [[0, 1, 2], [1, 0, 2], /indptr/],
    [[0, 1, 3], [1, 2, 0], /Column indices .* row 1 has 0 at position 1/],
    [[0, 1, 3], [3, 0, 2], /Column indices/],
  ])('indptr %j with indices %j is refused at the next read', async (indptr, indices, message) => {
    const parts = { indptr: ids(...indptr), indices: ids(...indices), data: floats([3], [1, 2, 3]) };
    await expect(csrArray({ ...parts, shape: [2, 3] }).data()).rejects.toThrow(message);
  });

  test('becomes row_sparse, is cleared and accumulates', async () => {
    const array = floats([2, 3], DENSE).toStype('csr') as CSRNDArray;
    expect(await array.toStype('row_sparse').data()).toEqual(Float32Array.from(DENSE));
    array.accumulate(floats([2, 3], DENSE));
    expect(await array.data()).toEqual(Float32Array.from(DENSE, (value) => 2 * value));
    array.clear();
    expect(await array.norm()).toBe(0);
  });
});
