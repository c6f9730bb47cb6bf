import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import { bytesOfOther, storedEntry } from '../../../core/checkpoint/stored-entry.ts';
import { scratchUnpacker } from '../../../core/checkpoint/unpack/scratch-unpacker.ts';
import { createTensorEngine } from '../../../core/stats/pool.ts';
import { brokenContainers, containerFixtures, type ExpectedTensor } from '../../fixtures/catalog.ts';
import { temporaryFolder } from '../checkpoint/make.ts';
import { refusal } from '../checkpoint/refusal.ts';
import { damagedFilesAreSafe } from './damage.ts';

const folder = temporaryFolder();
const engine = createTensorEngine({ threads: 1, unpacker: scratchUnpacker() });
afterAll(() => engine.close());

function named(path: string, { name }: ExpectedTensor): string {
  return name || basename(path).replace(/\.npy$/, '');
}

describe.each(containerFixtures(['numpy']))('$id', ({ path, expected }) => {
  test('lists its arrays, and hashes their elements in C order and little-endian', async () => {
    const checkpoint = await openCheckpoint(path);
    for (const tensor of expected.tensors) {
      const { dtype_norm: dtype, shape, nbytes, sha256 } = tensor;
      const name = named(path, tensor);
      const entry = checkpoint.find(name);
      const other = checkpoint.others?.find((array) => array.name === name);
      expect(entry ?? other).toMatchObject({ dtype, shape, nbytes });
      const lazy = entry ? storedEntry(checkpoint, entry) : other && bytesOfOther(checkpoint, other);
      if (lazy) expect(await engine.hash(lazy)).toBe(sha256);
      if (entry) expect(sha(await checkpoint.read(entry))).toBe(sha256);
    }
  });

  test('has the statistics that NumPy gives', async () => {
    const checkpoint = await openCheckpoint(path);
    for (const tensor of expected.tensors) {
      const entry = checkpoint.find(named(path, tensor));
      if (!entry || !tensor.stats) continue;
      const stats: Record<string, unknown> = { ...(await engine.stats(storedEntry(checkpoint, entry))) };
      for (const key of ['count', 'zeros', 'nans', 'infs']) expect(stats[key], key).toBe(tensor.stats[key]);
      for (const key of ['min', 'max', 'mean', 'std', 'l2']) {
        const wanted = tensor.stats[key];
        if (typeof wanted !== 'number') continue;
        expect(Math.abs(Number(stats[key]) - wanted), key).toBeLessThanOrEqual(1e-9 * Math.abs(wanted) + 1e-300);
      }
    }
  });
});

const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe.each(brokenContainers(['npy', 'npz']))('$id', ({ path, expected }) => {
  test(`is refused, or shows what is good (${expected.note})`, async () => {
    const found = await openCheckpoint(path).catch(() => null);
    if (expected.expect === 'reject') expect(found).toBeNull();
    if (found === null) expect((await refusal(path)).message).toContain(basename(path));
  });
});

test('records are columns, and listed as what they are', async () => {
  const [fixture] = containerFixtures(['numpy']).filter(({ id }) => id.endsWith('structured.npy'));
  const checkpoint = await openCheckpoint(fixture?.path ?? '');
  expect(checkpoint.entries.map(({ name, dtype, shape }) => [name, dtype, shape])).toEqual([
    ['structured.x', 'float32', [3]],
    ['structured.n', 'int64', [3]],
    ['structured.rgb', 'uint8', [3, 3]],
  ]);
  const rgb = checkpoint.find('structured.rgb');
  expect(rgb && [...(await checkpoint.read(rgb))]).toEqual([7, 7, 7, 7, 7, 7, 7, 7, 7]);
});

test('Python objects of an archive are named and never loaded, the arrays beside them open', async () => {
  const [fixture] = brokenContainers(['npz']).filter(({ id }) => id.endsWith('np_object_inside.npz'));
  const checkpoint = await openCheckpoint(fixture?.path ?? '');
  expect(checkpoint.entries.length).toBeGreaterThan(0);
  expect(checkpoint.values).toEqual([expect.objectContaining({ kind: 'object', type: 'numpy.ndarray' })]);
});

function npy(descr: string, shape: string, values: Buffer, fortran = 'False'): Buffer {
  const dict = `{'descr': ${descr}, 'fortran_order': ${fortran}, 'shape': ${shape}, }`.padEnd(117);
  const prefix = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, 0, 0]);
  prefix.writeUInt16LE(dict.length + 1, 8);
  return Buffer.concat([prefix, Buffer.from(`${dict}\n`), values]);
}

test('nested records, padding, titles and big-endian fields are found where they lie', async () => {
  const descr =
    "[('a', '>i2'), ('', '|V3'), (('a title', 'inner'), [('x', '<f4', (2,)), ('s', 'S2')]), ('b\\x41\\'', '|u1')]";
  const record = (n: number): Buffer => {
    const bytes = Buffer.alloc(16);
    bytes.writeInt16BE(n, 0);
    bytes.writeFloatLE(n + 0.5, 5);
    bytes.writeFloatLE(-n, 9);
    bytes[15] = n;
    return bytes;
  };
  const path = folder.write('nested.npy', npy(descr, '(2, 2)', Buffer.concat([1, 2, 3, 4].map(record)), 'True'));
  const checkpoint = await openCheckpoint(path);
  const read = async (name: string): Promise<Uint8Array> => {
    const entry = checkpoint.find(name);
    if (!entry) throw new Error(`${name} is missing: ${checkpoint.entries.map((known) => known.name)}`);
    return Uint8Array.from(await checkpoint.read(entry));
  };
  // Fortran order: the records of the first column come first.
  expect([...new Int16Array((await read('nested.a')).buffer)]).toEqual([1, 3, 2, 4]);
  expect([...new Float32Array((await read('nested.inner.x')).buffer)]).toEqual([1.5, -1, 3.5, -3, 2.5, -2, 4.5, -4]);
  expect([...(await read("nested.bA'"))]).toEqual([1, 3, 2, 4]);
  expect(checkpoint.find('nested.inner.s')).toBeUndefined();
});

interface Member {
  readonly name: string;
  readonly data: Buffer;
}

function zip(members: readonly Member[], deflate: boolean): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, data } of members) {
    const packed = deflate ? deflateRawSync(data) : data;
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(deflate ? 8 : 0, 4);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, Buffer.from(name), packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, tail, Buffer.from(name)]));
    locals.push(local);
    offset += local.length;
  }
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, ...directory, end]);
}

const numbers = (values: readonly number[], bigEndian: boolean): Buffer => {
  const bytes = Buffer.from(Int32Array.from(values).buffer);
  return bigEndian ? bytes.swap32() : bytes;
};

function csr(
  parts: { indptr: number[]; indices: number[]; data: number[]; shape: number[] },
  bigEndian = false,
): Member[] {
  const order = bigEndian ? '>' : '<';
  const list = (name: string, values: number[]): Member => ({
    name: `${name}.npy`,
    data: npy(`'${order}i4'`, `(${values.length},)`, numbers(values, bigEndian)),
  });
  const format = { name: 'format.npy', data: npy("'|S3'", '()', Buffer.from('csr')) };
  return [
    list('indices', parts.indices),
    list('indptr', parts.indptr),
    format,
    list('shape', parts.shape),
    list('data', parts.data),
  ];
}

const matrices = fc
  .record({
    rows: fc.integer({ min: 0, max: 6 }),
    columns: fc.integer({ min: 1, max: 6 }),
    cells: fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 36, maxLength: 36 }),
  })
  .map(({ rows, columns, cells }) => Array.from({ length: rows }, (_, r) => cells.slice(r * 6, r * 6 + columns)))
  .filter((matrix) => matrix.length > 0);

test('a sparse matrix of SciPy is one tensor, whether its members are deflated, big-endian or plain', async () => {
  await fc.assert(
    fc.asyncProperty(matrices, fc.boolean(), fc.boolean(), async (matrix, deflate, bigEndian) => {
      const columns = matrix[0]?.length ?? 0;
      const stored = matrix.map((row) => row.flatMap((value, column) => (value === 0 ? [] : [{ value, column }])));
      const indptr = [0];
      for (const row of stored) indptr.push((indptr.at(-1) ?? 0) + row.length);
      const indices = stored.flat().map(({ column }) => column);
      const data = stored.flat().map(({ value }) => value);
      const members = csr({ indptr, indices, data, shape: [matrix.length, columns] }, bigEndian);
      const checkpoint = await openCheckpoint(folder.write('matrix.npz', zip(members, deflate)));
      const [entry] = checkpoint.entries;
      expect(entry).toMatchObject({ name: 'matrix', dtype: 'int32', shape: [matrix.length, columns] });
      if (!entry) return;
      const wanted = Buffer.from(Int32Array.from(matrix.flat()).buffer);
      expect(Buffer.from(await checkpoint.read(entry)).equals(wanted)).toBe(true);
      expect(await engine.hash(storedEntry(checkpoint, entry))).toBe(sha(wanted));
    }),
    { numRuns: 25 },
  );
});

test.each([
  ['a column beyond the matrix', { indptr: [0, 1], indices: [5], data: [1], shape: [1, 2] }, /column 5 is outside/],
  ['a column twice', { indptr: [0, 2], indices: [1, 1], data: [1, 2], shape: [1, 2] }, /must ascend/],
  ['rows that fall', { indptr: [0, 2, 1, 2], indices: [0, 1], data: [1, 2], shape: [3, 2] }, /falls from 2 to 1/],
])('a sparse matrix with %s is refused when it is looked at', async (_, parts, message) => {
  const checkpoint = await openCheckpoint(folder.write('bad.npz', zip(csr(parts), true)));
  const [entry] = checkpoint.entries;
  await expect(entry && checkpoint.read(entry)).rejects.toThrow(message);
});

test('damaged files open or are refused, and what opens lies inside the file', async () => {
  const files = containerFixtures(['numpy']).map(({ path }) => path);
  await fc.assert(damagedFilesAreSafe(files, folder), { numRuns: 300 });
});
