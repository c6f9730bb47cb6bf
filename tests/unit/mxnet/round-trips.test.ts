import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { leavesArchive } from '../../../core/checkpoint/zip/member-name.ts';
import { readArrayFile, type StoredArray, streamOf, writeArrayFile } from '../../../core/ndarray/array-file.ts';
import { bytesFor, type DType, ELEMENT_DTYPES, isPacked, isQuantizedInteger } from '../../../core/ndarray/dtype.ts';
import { elementCount } from '../../../core/ndarray/shape.ts';
import { temporaryFolder } from '../checkpoint/make.ts';
import { contentOf, dense, float32Bytes, int64Bytes, MXNET_DTYPES, rowStarts } from './support.ts';

const folder = temporaryFolder();

const HOLDABLE = ELEMENT_DTYPES.filter(
  (dtype) => !isPacked(dtype) && !isQuantizedInteger(dtype) && dtype !== 'complex32',
);
const NUMPY_DTYPES = HOLDABLE.filter((dtype) => !/^(float8_|bfloat16)/.test(dtype));
const SAFETENSORS_DTYPES = HOLDABLE.filter((dtype) => dtype !== 'complex128');

/** Bytes of every pattern, NaN payloads among them. */
function denseArray(dtypes: readonly DType[]): fc.Arbitrary<StoredArray> {
  const shape = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 });
  return fc.record({ dtype: fc.constantFrom(...dtypes), shape }).chain(({ dtype, shape }) => {
    const length = bytesFor(dtype, elementCount(shape));
    const bytes = fc.uint8Array({ minLength: length, maxLength: length });
    return bytes.map((values) => dense(dtype, shape, values));
  });
}

const rowSparseArray: fc.Arbitrary<StoredArray> = fc
  .record({ rows: fc.integer({ min: 0, max: 6 }), columns: fc.integer({ min: 0, max: 3 }) })
  .chain(({ rows, columns }) =>
    fc.subarray([...Array(rows).keys()]).map(
      (stored): StoredArray => ({
        stype: 'row_sparse',
        dtype: 'float32',
        shape: [rows, columns],
        rows: stored.length,
        indices: streamOf(int64Bytes(...stored)),
        values: streamOf(float32Bytes(...Array(stored.length * columns).keys())),
      }),
    ),
  );

const csrArray: fc.Arbitrary<StoredArray> = fc
  .record({ rows: fc.integer({ min: 0, max: 4 }), columns: fc.integer({ min: 0, max: 5 }) })
  .chain(({ rows, columns }) => {
    const row = fc.subarray([...Array(columns).keys()]);
    return fc.array(row, { minLength: rows, maxLength: rows }).map((stored): StoredArray => {
      const starts = rowStarts(stored);
      return {
        stype: 'csr',
        dtype: 'float32',
        shape: [rows, columns],
        nnz: stored.flat().length,
        indptr: streamOf(int64Bytes(...starts)),
        indices: streamOf(int64Bytes(...stored.flat())),
        values: streamOf(float32Bytes(...stored.flat().map((column) => column + 0.5))),
      };
    });
  });

function named(array: fc.Arbitrary<StoredArray>): fc.Arbitrary<[string, StoredArray][]> {
  const name = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => !text.endsWith('/'));
  return fc.uniqueArray(fc.tuple(name, array), { maxLength: 5, selector: ([text]) => text });
}

async function expectReturn(file: string, arrays: readonly [string, StoredArray][]): Promise<void> {
  const path = join(folder.path, file);
  await writeArrayFile(path, { names: arrays.map(([name]) => name), arrays: arrays.map(([, array]) => array) });
  const back = await readArrayFile(path);
  const found = new Map((back.names ?? []).map((name, index) => [name, back.arrays[index]]));
  expect([...found.keys()].sort()).toEqual(arrays.map(([name]) => name).sort());
  for (const [name, array] of arrays) {
    const read = found.get(name);
    if (!read) throw new Error(`${name} did not come back.`);
    expect(await contentOf(read)).toEqual(await contentOf(array));
  }
}

function hasScalarBesideSparse(arrays: readonly [string, StoredArray][]): boolean {
  return arrays.some(([, { stype }]) => stype !== 'default') && arrays.some(([, { shape }]) => shape.length === 0);
}

describe('arrays by name come back bit for bit', () => {
  test('MXNet: every dtype that it has, and both sparse kinds', async () => {
    const array = fc.oneof({ weight: 4, arbitrary: denseArray(MXNET_DTYPES) }, rowSparseArray, csrArray);
    await fc.assert(
      fc.asyncProperty(named(array), async (arrays) => {
        fc.pre(!hasScalarBesideSparse(arrays));
        await expectReturn('a.params', arrays);
      }),
      { numRuns: 150 },
    );
  });

  test('NumPy archives: every dtype that NumPy has, and both sparse kinds as MXNet puts them there', async () => {
    const array = fc.oneof({ weight: 4, arbitrary: denseArray(NUMPY_DTYPES) }, rowSparseArray, csrArray);
    await fc.assert(
      fc.asyncProperty(named(array), async (arrays) => {
        fc.pre(arrays.every(([name]) => name !== '' && !leavesArchive(name)));
        await expectReturn('a.npz', arrays);
      }),
      { numRuns: 100 },
    );
  });

  test('safetensors: every dtype of whole bytes that it has', async () => {
    const arrays = named(denseArray(SAFETENSORS_DTYPES)).filter((list) =>
      list.every(([name]) => name !== '__metadata__'),
    );
    await fc.assert(
      fc.asyncProperty(arrays, async (list) => await expectReturn('a.safetensors', list)),
      { numRuns: 100 },
    );
  });
});

test('a NumPy file gives back its one array', async () => {
  const path = join(folder.path, 'a.npy');
  await fc.assert(
    fc.asyncProperty(denseArray(NUMPY_DTYPES), async (array) => {
      await writeArrayFile(path, { names: null, arrays: [array] });
      const { names, arrays } = await readArrayFile(path);
      expect(names).toBeNull();
      expect(await Promise.all(arrays.map(contentOf))).toEqual([await contentOf(array)]);
    }),
    { numRuns: 100 },
  );
});

test('a list comes back in its order', async () => {
  const path = join(folder.path, 'list.nd');
  const arrays = [3, 1, 2].map((value) => dense('uint8', [1], Uint8Array.of(value)));
  await writeArrayFile(path, { names: null, arrays });
  const back = await readArrayFile(path);
  expect(back.names).toBeNull();
  expect(await Promise.all(back.arrays.map(contentOf))).toEqual(await Promise.all(arrays.map(contentOf)));
});

test('arrays of more than one piece are read and written in pieces', async () => {
  const count = 5 * 1024 * 1024 + 3;
  const values = new Uint8Array(new Float32Array(count).fill(1.5).buffer);
  for (const file of ['big.params', 'big.npz', 'big.safetensors']) {
    const path = join(folder.path, file);
    await writeArrayFile(path, { names: ['w'], arrays: [dense('float32', [count], values)] });
    const [array] = (await readArrayFile(path)).arrays;
    const pieces: number[] = [];
    for await (const piece of array?.values.chunks() ?? []) {
      pieces.push(piece.length);
      expect(new Float32Array(Uint8Array.from(piece).buffer).every((value) => value === 1.5)).toBe(true);
    }
    expect(pieces).toEqual([8 * 1024 * 1024, 8 * 1024 * 1024, values.length - 16 * 1024 * 1024]);
  }
});
