import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { lazyEntry } from '../../../core/checkpoint/lazy-entry.ts';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import type { StoredArray } from '../../../core/ndarray/array-file.ts';
import { streamOf, writeArrayFile } from '../../../core/ndarray/array-file.ts';
import { createTensorEngine } from '../../../core/stats/pool.ts';
import { temporaryFolder } from '../checkpoint/make.ts';
import { float32Bytes, int64Bytes, rowStarts } from './support.ts';

const folder = temporaryFolder();
const engine = createTensorEngine({ threads: 1 });
afterAll(() => engine.close());

/** A dense matrix, many of whose elements and some of whose rows are zero. */
const matrix = fc
  .record({ rows: fc.integer({ min: 1, max: 7 }), columns: fc.integer({ min: 1, max: 9 }) })
  .chain(({ rows, columns }) => {
    const row = fc.array(fc.constantFrom(0, 0, 0, 1, -2.5, Number.NaN), { minLength: columns, maxLength: columns });
    const list = fc.array(fc.oneof(row, fc.constant(Array<number>(columns).fill(0))), {
      minLength: rows,
      maxLength: rows,
    });
    return list.map((values) => ({ shape: [rows, columns], values }));
  });

function rowSparse({ shape, values }: { shape: number[]; values: number[][] }): StoredArray {
  const stored = [...values.keys()].filter((row) => values[row]?.some((value) => value !== 0));
  const elements = stored.flatMap((row) => values[row] ?? []);
  const streams = { indices: streamOf(int64Bytes(...stored)), values: streamOf(float32Bytes(...elements)) };
  return { stype: 'row_sparse', dtype: 'float32', shape, rows: stored.length, ...streams };
}

function csr({ shape, values }: { shape: number[]; values: number[][] }): StoredArray {
  const columns = values.map((row) => [...row.keys()].filter((column) => row[column] !== 0));
  const starts = rowStarts(columns);
  const elements = values.flat().filter((value) => value !== 0);
  return {
    stype: 'csr',
    dtype: 'float32',
    shape,
    nnz: elements.length,
    indptr: streamOf(int64Bytes(...starts)),
    indices: streamOf(int64Bytes(...columns.flat())),
    values: streamOf(float32Bytes(...elements)),
  };
}

test('any range of a sparse array is that range of its dense form, in the workers and from the file', async () => {
  const range = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }));
  await fc.assert(
    fc.asyncProperty(matrix, range, async (dense, parts) => {
      const path = folder.write('sparse.params', '');
      await writeArrayFile(path, { names: ['rows', 'csr'], arrays: [rowSparse(dense), csr(dense)] });
      const expected = float32Bytes(...dense.values.flat());
      const count = expected.length / 4;
      const [start = 0, stop = 0] = parts.map((part) => Math.floor(part * count)).sort((a, b) => a - b);
      const checkpoint = await openCheckpoint(path);
      for (const entry of checkpoint.entries) {
        const wanted = expected.subarray(start * 4, stop * 4);
        const fromWorker = await engine.read(lazyEntry(checkpoint, entry), start, stop - start);
        expect(Buffer.from(fromWorker)).toEqual(wanted);
        expect(Buffer.from(await checkpoint.read(entry, { start: start * 4, stop: stop * 4 }))).toEqual(wanted);
      }
    }),
    { numRuns: 120 },
  );
});

test('edits of a sparse tensor go by its dense form', async () => {
  const path = folder.write('sparse.params', '');
  const dense = {
    shape: [2, 3],
    values: [
      [0, 2, 0],
      [0, 0, 0],
    ],
  };
  await writeArrayFile(path, { names: ['m'], arrays: [csr(dense)] });
  const checkpoint = await openCheckpoint(path);
  const [entry] = checkpoint.entries;
  if (!entry) throw new Error('There is no m.');
  const ranges = [
    { start: 1, count: 1, step: 1 },
    { start: 0, count: 3, step: 1 },
  ];
  const lazy = {
    ...lazyEntry(checkpoint, entry),
    steps: [
      { kind: 'set' as const, ranges, data: float32Bytes(7).toString('base64') },
      { kind: 'scale' as const, factor: 2 },
    ],
  };
  expect(Buffer.from(await engine.read(lazy, 0, 6))).toEqual(float32Bytes(0, 4, 0, 14, 14, 14));
});
