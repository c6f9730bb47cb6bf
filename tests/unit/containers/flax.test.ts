import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import { containerFixtures } from '../../fixtures/catalog.ts';
import { temporaryFolder } from '../checkpoint/make.ts';
import { refusal } from '../checkpoint/refusal.ts';
import { damagedFilesAreSafe } from './damage.ts';
import { valueAt } from './describe.ts';
import { array, chunked, extension, map, pack, raw } from './msgpack.ts';

const folder = temporaryFolder();

test('numbers, texts and the like beside the tensors are values to browse', async () => {
  const fixture = containerFixtures(['flax']).find(({ id }) => id === 'flax/params.msgpack');
  const checkpoint = await openCheckpoint(fixture?.path ?? '');
  const texts: Record<string, string> = { cplx: '1 + 2i', none: 'None' };
  for (const { path, value } of fixture?.expected.others ?? []) {
    const key = path.join('.');
    expect(valueAt(checkpoint.values, path)?.text, key).toBe(texts[key] ?? String(value));
  }
  expect(checkpoint.values).toHaveLength(fixture?.expected.others?.length ?? 0);
});

test('a tensor in chunks is one tensor of all their bytes, and plain where there is one chunk', async () => {
  const values = Float32Array.from([1, 2, 3, 4, 5, 6]);
  const bytes = Buffer.from(values.buffer);
  const parts = [bytes.subarray(0, 8), bytes.subarray(8, 16), bytes.subarray(16)];
  const file = pack(
    map({ params: map({ w: chunked('float32', [2, 3], parts), v: chunked('float32', [6], [bytes]) }) }),
  );
  const checkpoint = await openCheckpoint(folder.write('chunks.msgpack', file));
  expect(checkpoint.entries.map(({ name, shape }) => [name, shape])).toEqual([
    ['params/w', [2, 3]],
    ['params/v', [6]],
  ]);
  for (const entry of checkpoint.entries) expect(Buffer.from(await checkpoint.read(entry))).toEqual(bytes);
  expect(checkpoint.find('params/v')?.packed).toBeUndefined();
});

test('integers of less than a byte, which NumPy stores in one each, are integers of 8 bits', async () => {
  const file = pack(map({ q: array('int4', [3], Buffer.from([1, 0xff, 7])) }));
  const [entry] = (await openCheckpoint(folder.write('int4.msgpack', file))).entries;
  expect(entry).toMatchObject({ dtype: 'int8', shape: [3], nbytes: 3, facts: { dtype: 'int4' } });
});

test.each([
  [
    'chunks that do not add up',
    map({ w: chunked('float32', [3], [Buffer.alloc(8)]) }),
    /takes 12 bytes; its chunks have 8/,
  ],
  ['fewer bytes than the shape wants', map({ w: array('float32', [3], Buffer.alloc(8)) }), /takes 12 bytes, not 8/],
  ['a negative size', map({ w: array('float32', [-1], Buffer.alloc(0)) }), /holds no size/],
  [
    'a size beyond every file',
    map({ w: array('float32', [2 ** 52, 2 ** 52], Buffer.alloc(0)) }),
    /takes \S+ bytes, not 0/,
  ],
  ['an array that is no triple', map({ w: extension(1, pack('abc')) }), /should be a triple/],
  [
    'two tensors of one name',
    map({ 'a/b': array('int8', [0], raw()), a: map({ b: array('int8', [0], raw()) }) }),
    /two tensors/,
  ],
  ['a map of more keys than the file has bytes', raw(0xdf, 0xff, 0xff, 0xff, 0xff), /only 0 are left/],
  ['a byte that begins no value', raw(0x81, 0xa1, 0x61, 0xc1), /0xc1/],
  ['something after the end', Buffer.concat([pack(map({})), raw(1)]), /goes on after its one value/],
  ['depth without end', Buffer.alloc(100_000, 0x91), /nested more than 256 deep/],
])('%s is refused', async (_, content, message) => {
  const file = Buffer.isBuffer(content) ? content : pack(content);
  const error = await refusal(folder.write('bad.msgpack', file));
  expect(error.code).toBe('CHECKPOINT_FORMAT');
  expect(error.message).toMatch(message);
});

test('damaged files open or are refused, and what opens lies inside the file', async () => {
  const files = containerFixtures(['flax']).map(({ path }) => path);
  await fc.assert(damagedFilesAreSafe(files, folder), { numRuns: 300 });
});
