import { afterAll, describe, expect, test } from 'vitest';
import type { Checkpoint, Entry } from '../../../core/checkpoint/checkpoint.ts';
import { lazyEntry } from '../../../core/checkpoint/lazy-entry.ts';
import { MXNetCheckpoint } from '../../../core/checkpoint/mxnet/reader.ts';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import { readArrayFile } from '../../../core/ndarray/array-file.ts';
import { createTensorEngine } from '../../../core/stats/pool.ts';
import { type ExpectedTensor, type Fixture, mxnetFixtures } from '../../fixtures/catalog.ts';
import { temporaryFolder } from '../checkpoint/make.ts';
import {
  bytesOf,
  csrRecord,
  denseRecord,
  field,
  float32Bytes,
  listFile,
  rowSparseRecord,
  sha256,
  V1,
  V2,
  V3,
} from './support.ts';

const folder = temporaryFolder();
const engine = createTensorEngine({ threads: 1 });
afterAll(() => engine.close());

/** Read in uneven ranges, whose edges cut elements, rows and runs of zeros. */
async function readInPieces(checkpoint: Checkpoint, entry: Entry): Promise<Buffer> {
  const edges = [0, 0.1, 0.3, 0.37, 0.8, 1].map((part) => Math.floor(part * entry.nbytes));
  const pieces: Uint8Array[] = [];
  for (const [i, start] of edges.slice(0, -1).entries()) {
    pieces.push(await checkpoint.read(entry, { start, stop: edges[i + 1] ?? entry.nbytes }));
  }
  return Buffer.concat(pieces);
}

function recordVersion(checkpoint: Checkpoint, entry: Entry): string | undefined {
  if (!(checkpoint instanceof MXNetCheckpoint)) throw new Error('The file was not opened as one of MXNet.');
  return checkpoint.list.records[checkpoint.recordOf(entry)]?.version;
}

async function expectTensor(checkpoint: Checkpoint, expected: ExpectedTensor): Promise<void> {
  const entry = checkpoint.find(expected.name);
  if (!entry) throw new Error(`There is no ${expected.name}.`);
  const { dtype, shape, nbytes } = entry;
  expect({ dtype, shape, nbytes }).toEqual({
    dtype: expected.dtype_norm,
    shape: expected.shape,
    nbytes: expected.nbytes,
  });
  expect(entry.sparse?.layout.stype ?? 'default').toBe(expected.stype);
  expect(recordVersion(checkpoint, entry)).toBe(expected.record);
  expect(sha256(await readInPieces(checkpoint, entry))).toBe(expected.sha256);
  const lazy = lazyEntry(checkpoint, entry);
  expect(await engine.hash(lazy)).toBe(expected.sha256);
  const { count, zeros, nans, infs, ...measures } = await engine.stats(lazy);
  const stats = expected.stats ?? {};
  expect({ count, zeros, nans, infs }).toEqual({
    count: stats.count,
    zeros: stats.zeros,
    nans: stats.nans,
    infs: stats.infs,
  });
  for (const name of ['min', 'max', 'mean', 'std', 'l2'] as const) {
    const wanted = stats[name];
    if (typeof wanted === 'number') expect(measures[name]).toBeCloseTo(wanted, -Math.log10(Math.abs(wanted) || 1) + 9);
    else expect(measures[name]).toBe(wanted ?? null);
  }
}

describe.each(mxnetFixtures())('$id', ({ path, expected }: Fixture) => {
  test('has the arrays that its writer put in, sparse ones in their dense form', async () => {
    const checkpoint = await openCheckpoint(path);
    expect(checkpoint.format).toBe('mxnet');
    expect(checkpoint.metadata).toEqual({});
    expect(checkpoint.entries.map(({ name }) => name)).toEqual(expected.tensors.map(({ name }) => name));
    for (const tensor of expected.tensors) await expectTensor(checkpoint, tensor);
    await checkpoint.close();
  });

  test('gives the stored values and indices of its sparse arrays', async () => {
    const { names, arrays } = await readArrayFile(path);
    for (const [i, tensor] of expected.tensors.entries()) {
      const array = arrays[i];
      if (!array) throw new Error(`There is no array ${i}.`);
      expect(names?.[i] ?? String(i)).toBe(tensor.name);
      expect(array.stype).toBe(tensor.stype);
      if (array.stype === 'default') continue;
      expect(sha256(await bytesOf(array.values))).toBe(tensor.stored_values_sha256);
      const auxiliary = array.stype === 'csr' ? [array.indptr, array.indices] : [array.indices];
      const indices: number[][] = [];
      for (const stream of auxiliary) {
        const bytes = await bytesOf(stream);
        indices.push([...new BigInt64Array(Uint8Array.from(bytes).buffer)].map(Number));
      }
      expect(indices).toEqual(tensor.aux);
    }
  });
});

describe('what MXNet leaves open', () => {
  async function open(bytes: Buffer): Promise<Checkpoint> {
    return await openCheckpoint(folder.write('made.params', bytes));
  }

  test('arrays without a shape show nowhere, those around them keep their place in a list', async () => {
    const none = Buffer.concat([field.u32(V2), field.i32(0), field.shape()]);
    const unknown = Buffer.concat([field.u32(V3), field.i32(0), field.i32(-1)]);
    const old = field.u32(0);
    const checkpoint = await open(listFile([none, denseRecord(), unknown, old, denseRecord({ magic: V3 })]));
    expect(checkpoint.entries.map(({ name }) => name)).toEqual(['1', '4']);
  });

  test('a shape of no dimensions is a scalar under NumPy semantics', async () => {
    const scalar = denseRecord({ magic: V3, shape: field.shape(), values: float32Bytes(7) });
    const checkpoint = await open(listFile([scalar], field.names('s')));
    expect(checkpoint.find('s')).toMatchObject({ shape: [], nbytes: 4 });
  });

  test('of arrays with one name the last counts', async () => {
    const records = [denseRecord(), denseRecord({ values: float32Bytes(3, 4) })];
    const checkpoint = await open(listFile(records, field.names('w', 'w')));
    expect(checkpoint.entries).toHaveLength(1);
    const [entry] = checkpoint.entries;
    expect(entry && Buffer.from(await checkpoint.read(entry)).equals(float32Bytes(3, 4))).toBe(true);
  });

  test('what follows the names is not looked at', async () => {
    const checkpoint = await open(Buffer.concat([listFile([denseRecord()], field.names('w')), Buffer.from('more')]));
    expect(checkpoint.entries).toHaveLength(1);
  });

  test('a csr array that was never written to is all zeros', async () => {
    const record = csrRecord({ indptr: [], columns: [] });
    const path = folder.write('empty-csr.params', listFile([record], field.names('m')));
    const checkpoint = await openCheckpoint(path);
    const [entry] = checkpoint.entries;
    expect(entry && Buffer.from(await checkpoint.read(entry)).equals(Buffer.alloc(48))).toBe(true);
    const [array] = (await readArrayFile(path)).arrays;
    expect(array?.stype === 'csr' && (await bytesOf(array.indptr)).equals(Buffer.alloc(32))).toBe(true);
  });

  test('indices of 32 bits are read as those of 64', async () => {
    const record = Buffer.concat([
      field.u32(V2),
      field.i32(1),
      field.shape(1, 2),
      field.shape(4, 2),
      field.i32(2),
      field.i32(7),
      field.i32(0),
      field.i32(4),
      field.shape(1),
      float32Bytes(5, 6),
      field.i32(3),
    ]);
    const path = folder.write('narrow.params', listFile([record], field.names('e')));
    const checkpoint = await openCheckpoint(path);
    const [entry] = checkpoint.entries;
    expect(entry && Buffer.from(await checkpoint.read(entry))).toEqual(float32Bytes(0, 0, 0, 0, 0, 0, 5, 6));
    const [array] = (await readArrayFile(path)).arrays;
    expect(array?.stype === 'row_sparse' && (await bytesOf(array.indices)).readBigInt64LE()).toBe(3n);
  });

  test('records of all versions stand beside each other', async () => {
    const first = Buffer.concat([
      field.u32(1),
      field.u32(2),
      field.i32(1),
      field.i32(0),
      field.i32(0),
      float32Bytes(1, 2),
    ]);
    const second = Buffer.concat([
      field.u32(V1),
      field.shape(1),
      field.i32(1),
      field.i32(0),
      field.i32(3),
      Buffer.of(9),
    ]);
    const checkpoint = await open(
      listFile([first, second, rowSparseRecord(), csrRecord(), denseRecord({ magic: V3 })]),
    );
    expect(checkpoint.entries.map((entry) => recordVersion(checkpoint, entry))).toEqual(['V0', 'V1', 'V2', 'V2', 'V3']);
    expect(checkpoint.entries.map(({ shape }) => shape)).toEqual([[2], [1], [4, 2], [3, 4], [2]]);
  });

  test('a list of no arrays is empty', async () => {
    expect((await open(listFile([]))).entries).toEqual([]);
  });
});
