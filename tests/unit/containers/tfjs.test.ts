import { cpSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import { storedEntry } from '../../../core/checkpoint/stored-entry.ts';
import { ParascopeError } from '../../../core/errors.ts';
import { containerFixtures } from '../../fixtures/catalog.ts';
import { temporaryFolder } from '../checkpoint/make.ts';
import { refusal } from '../checkpoint/refusal.ts';
import { damage, damaged } from './damage.ts';
import { valueAt } from './describe.ts';

const folder = temporaryFolder();
const fixtures = containerFixtures(['tfjs']);
const pathOf = (id: string): string => fixtures.find((fixture) => fixture.id === id)?.path ?? '';

/** A model of the weights `w`, with the bytes of its one file. */
function model(weights: readonly object[], bytes: Uint8Array, paths = ['weights.bin']): string {
  folder.write('weights.bin', bytes);
  return folder.write('model.json', JSON.stringify({ weightsManifest: [{ paths, weights }] }));
}

test('a weight that crosses shards is read from all of them', async () => {
  const checkpoint = await openCheckpoint(pathOf('tfjs/layers/model.json'));
  expect(checkpoint.entries.filter(({ packed }) => packed).map(({ name }) => name)).toEqual(['dense/kernel']);
  expect(checkpoint.files).toHaveLength(4);
});

test('quantized weights are what they stand for; their stored numbers are at hand', async () => {
  const checkpoint = await openCheckpoint(pathOf('tfjs/quantized/model.json'));
  const entry = checkpoint.find('q8/kernel');
  expect(entry).toMatchObject({ dtype: 'float32', nbytes: 252, stored: { dtype: 'uint8', nbytes: 63 } });
  expect(entry?.facts?.quantization).toMatch(/^stored as uint8: q × 0\.0187\d+ \+ -2\.26\d+$/);
  const stored = entry && storedEntry(checkpoint, entry);
  expect(stored).toMatchObject({ dtype: 'uint8', shape: [9, 7], region: { nbytes: 63 } });
  expect(stored?.packed).toBeUndefined();
});

test('quantized integers are rounded to the nearest', async () => {
  const quantization = { dtype: 'uint8', scale: 0.5, min: -1.25, original_dtype: 'int32' };
  const path = model([{ name: 'w', shape: [4], dtype: 'int32', quantization }], Uint8Array.from([0, 1, 4, 255]));
  const checkpoint = await openCheckpoint(path);
  const [entry] = checkpoint.entries;
  const bytes = entry && Buffer.from(await checkpoint.read(entry));
  expect(Array.from({ length: 4 }, (_, i) => bytes?.readInt32LE(4 * i))).toEqual([-1, -1, 1, 126]);
});

test('strings are listed with their text, and the topology is a value to browse', async () => {
  const checkpoint = await openCheckpoint(pathOf('tfjs/graph/model.json'));
  expect(checkpoint.others).toMatchObject([{ name: 'vocab', dtype: 'string', shape: [3], nbytes: 19, before: 0 }]);
  expect(checkpoint.others?.[0]?.text).toBe('["a","模型",""]');
  expect(checkpoint.metadata).toMatchObject({ format: 'graph-model' });
  expect(valueAt(checkpoint.values, ['modelTopology', 'node'])?.text).toBe('0 items');
});

test('the list of groups alone, which old converters wrote, opens too', async () => {
  folder.write('weights.bin', new Uint8Array(8));
  const groups = [{ paths: ['weights.bin'], weights: [{ name: 'w', shape: [2], dtype: 'float32' }] }];
  const checkpoint = await openCheckpoint(folder.write('weights_manifest.json', JSON.stringify(groups)));
  expect(checkpoint.entries).toMatchObject([{ name: 'w', shape: [2] }]);
});

const FLOATS = { name: 'w', shape: [2], dtype: 'float32' };
test.each([
  ['a shard that is too short', () => model([FLOATS], new Uint8Array(7)), /should take 8 bytes, but only 7 are left/],
  ['a shard that is too long', () => model([FLOATS], new Uint8Array(9)), /the weights end here.*byte 9/],
  ['a shard that is not there', () => model([FLOATS], new Uint8Array(8), ['gone.bin']), /"gone\.bin" is missing/],
  ['a shard elsewhere', () => model([FLOATS], new Uint8Array(8), ['../weights.bin']), /outside the folder/],
  ['a dtype that there is not', () => model([{ ...FLOATS, dtype: 'int64' }], new Uint8Array(8)), /"int64", which/],
  ['a shape that is none', () => model([{ ...FLOATS, shape: [-2] }], new Uint8Array(8)), /the shape of weight "w"/],
  [
    'more elements than files have',
    () => model([{ ...FLOATS, shape: [2 ** 40, 2 ** 40] }], new Uint8Array(8)),
    /should take/,
  ],
  [
    'a quantization without scale',
    () => model([{ ...FLOATS, quantization: { dtype: 'uint8' } }], new Uint8Array(2)),
    /scale/,
  ],
  ['two weights of one name', () => model([FLOATS, FLOATS], new Uint8Array(16)), /two tensors are named "w"/],
  ['a topology without weights', () => folder.write('model.json', '{"modelTopology": {}}'), /without weights/],
  ['no JSON', () => folder.write('model.json', '{"modelTopology": '), /no JSON/],
])('%s is refused', async (_, make, message) => {
  expect((await refusal(make())).message).toMatch(message);
});

test('damaged models open or are refused', async () => {
  const source = pathOf('tfjs/layers/model.json');
  cpSync(dirname(source), join(folder.path, 'layers'), { recursive: true });
  const text = readFileSync(source);
  await fc.assert(
    fc.asyncProperty(damage, async (changes) => {
      const found = await openCheckpoint(folder.write('layers/model.json', damaged(text, changes))).catch(
        (e: unknown) => e,
      );
      expect(found instanceof Error && !(found instanceof ParascopeError)).toBe(false);
    }),
    { numRuns: 300 },
  );
});
