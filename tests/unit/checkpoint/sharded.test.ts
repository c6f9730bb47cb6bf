import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import { parseIndex } from '../../../core/checkpoint/safetensors/index-file.ts';
import { type IndexTensor, patchIndex } from '../../../core/checkpoint/safetensors/index-patch.ts';
import { CheckpointFormatError, UnsafeCheckpointError } from '../../../core/errors.ts';
import { validFixtures } from '../../fixtures/catalog.ts';
import { safetensors, temporaryFolder } from './make.ts';

const folder = temporaryFolder();
const fixture = validFixtures().find(({ expected }) => expected.format === 'safetensors-index')!;
const INDEX = 'model.safetensors.index.json';

const shard = (name: string) => safetensors(`{"${name}":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, 1);

/** A folder with an index and shards of one byte each; returns the index. */
function checkpoint(name: string, weightMap: unknown, shards: Record<string, Buffer | string>): string {
  const path = join(folder.path, name);
  mkdirSync(path);
  for (const [file, content] of Object.entries(shards)) writeFileSync(join(path, file), content);
  const text = typeof weightMap === 'string' ? weightMap : JSON.stringify({ weight_map: weightMap });
  writeFileSync(join(path, INDEX), text);
  return join(path, INDEX);
}

test('the shards appear as one checkpoint, with the metadata of the index', async () => {
  const opened = await openCheckpoint(fixture.path);
  expect(opened.format).toBe('safetensors-index');
  expect(opened.files.map(({ path }) => basename(path))).toEqual([
    'model-00001-of-00004.safetensors',
    'model-00002-of-00004.safetensors',
    'model-00003-of-00004.safetensors',
    'model-00004-of-00004.safetensors',
  ]);
  expect(opened.metadata).toEqual({ total_parameters: '42272', total_size: '169088' });
});

test('an index opens by its content whatever its name', async () => {
  const copy = join(folder.path, 'renamed');
  cpSync(join(fixture.path, '..'), copy, { recursive: true });
  cpSync(join(copy, INDEX), join(copy, 'index.txt'));
  expect((await openCheckpoint(join(copy, 'index.txt'))).entries).toHaveLength(40);
});

test('links of the kind that the hub’s cache makes are followed', async () => {
  const blobs = join(folder.path, 'blobs');
  const snapshot = join(folder.path, 'snapshot');
  mkdirSync(blobs);
  mkdirSync(snapshot);
  writeFileSync(join(blobs, 'aaa'), shard('w'));
  writeFileSync(join(blobs, 'bbb'), JSON.stringify({ weight_map: { w: 'one.safetensors' } }));
  symlinkSync('../blobs/aaa', join(snapshot, 'one.safetensors'));
  symlinkSync('../blobs/bbb', join(snapshot, INDEX));
  expect((await openCheckpoint(join(snapshot, INDEX))).entries).toMatchObject([{ name: 'w' }]);
});

test('a link that leaves the folder of the index is not followed', async () => {
  const index = checkpoint('leaving', { w: 'one.safetensors' }, {});
  const outside = folder.write('outside.safetensors', shard('w'));
  symlinkSync(outside, join(index, '..', 'one.safetensors'));
  await expect(openCheckpoint(index)).rejects.toThrow(UnsafeCheckpointError);
});

test.each([
  ['../one.safetensors'],
  ['/etc/hostname'],
  ['a/../one.safetensors'],
  ['sub/one.safetensors'],
  ['..\\one.safetensors'],
  ['..'],
  [''],
  ['one\0.safetensors'],
  ['x'.repeat(300)],
])('the shard name %j is refused before anything is opened', async (name) => {
  const index = checkpoint(`name-${Buffer.from(name).toString('hex').slice(0, 60)}`, { w: name }, {});
  await expect(openCheckpoint(index)).rejects.toThrow(UnsafeCheckpointError);
});

const one = 'one.safetensors';
const two = 'two.safetensors';

test.each<[string, unknown, Record<string, Buffer | string>, RegExp]>([
  [
    'missing-shard',
    { w: one, v: two },
    { [one]: shard('w') },
    /the shard "two.safetensors" is missing from the folder/,
  ],
  [
    'absent-tensor',
    { w: one, v: one },
    { [one]: shard('w') },
    /puts tensor "v" in one.safetensors, which has no such tensor/,
  ],
  [
    'unnamed-tensor',
    { w: one, v: two },
    { [one]: shard('w'), [two]: shard('x') },
    /two.safetensors holds tensor "x", which weight_map does not name/,
  ],
  [
    'wrong-shard',
    { w: two, v: one },
    { [one]: shard('w'), [two]: shard('v') },
    /puts tensor "w" in two.safetensors, but it is in one.safetensors/,
  ],
  [
    'twice',
    { w: one, v: two },
    { [one]: shard('w'), [two]: shard('w') },
    /tensor "w" is in two shards, two.safetensors and one.safetensors|one.safetensors and two.safetensors/,
  ],
  ['broken-shard', { w: one }, { [one]: shard('w').subarray(0, 40) }, /one.safetensors: the header is said to take/],
  [
    'pointer',
    { w: one },
    { [one]: 'version https://git-lfs.github.com/spec/v1\n' },
    /shard one.safetensors is a Git LFS pointer/,
  ],
  ['pickle', { w: one }, { [one]: 'PK\x03\x04data.pkl' }, /shard one.safetensors is a PyTorch archive/],
  ['number', { w: 1 }, {}, /weight_map gives "w" no file name/],
  ['no-map', '{"metadata":{}}', {}, /no "weight_map" object/],
  ['list-map', '{"weight_map":[]}', {}, /weight_map must be a JSON object/],
  ['not-json', '{"weight_map":{]}', {}, /a key in double quotes must follow.*byte 15 of the file/],
  ['double-name', '{"weight_map":{"w":"one.safetensors","w":"one.safetensors"}}', {}, /weight_map names "w" twice/],
])('%s is refused with its reason', async (name, weightMap, shards, message) => {
  const error = await openCheckpoint(checkpoint(name, weightMap, shards)).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(CheckpointFormatError);
  expect(String(error)).toMatch(message);
});

describe('an edited index', () => {
  const bytes = readFileSync(fixture.path);
  const original = parseIndex(bytes, INDEX);
  const same = [...original.weightMap].map(([name, file]): IndexTensor => ({ name, shard: file, origin: name }));
  const { metadata } = original;

  test('is the same text where nothing changed', () => {
    expect(patchIndex({ original, tensors: same, totalSize: 169088, metadata }).equals(bytes)).toBe(true);
  });

  test('shows a rename in one key, and the old text when it is undone', () => {
    const name = 'transformer.h.0.attn.c_attn.bias';
    const renamed = same.map((tensor) => (tensor.name === name ? { ...tensor, name: 'b"ias' } : tensor));
    const away = patchIndex({ original, tensors: renamed, totalSize: 169088, metadata });
    expect(away.toString()).toBe(bytes.toString().replace(`"${name}"`, '"b\\"ias"'));
    const back = parseIndex(away, INDEX);
    const tensors = [...back.weightMap].map(([key, file]) => ({
      name: key === 'b"ias' ? name : key,
      shard: file,
      origin: key,
    }));
    expect(patchIndex({ original: back, tensors, totalSize: 169088, metadata }).equals(bytes)).toBe(true);
  });

  test('drops deleted tensors and counts anew', () => {
    const text = patchIndex({ original, tensors: same.slice(1), totalSize: 168704, metadata }).toString();
    expect(JSON.parse(text)).toEqual({
      metadata: { total_parameters: 42272, total_size: 168704 },
      weight_map: Object.fromEntries([...original.weightMap].slice(1)),
    });
    expect(text.split('\n')).toHaveLength(bytes.toString().split('\n').length - 1);
  });

  test('takes new tensors, other shards and metadata', () => {
    const tensors: IndexTensor[] = [
      { ...same[0]!, shard: 'new.safetensors' },
      { name: 'added', shard: 'new.safetensors', origin: null },
    ];
    const text = patchIndex({
      original,
      tensors,
      totalSize: 1,
      metadata: { total_parameters: '7', by: 'me' },
    }).toString();
    expect(JSON.parse(text)).toEqual({
      metadata: { total_parameters: 7, total_size: 1, by: 'me' },
      weight_map: { [same[0]!.name]: 'new.safetensors', added: 'new.safetensors' },
    });
    expect(text).toMatch(/^ {4}"added": "new.safetensors"$/m);
  });

  test('keeps the spelling of a total that stays', () => {
    const text = '{"metadata":{"total_size":4.0e0},"weight_map":{"w":"one.safetensors"}}';
    const old = parseIndex(Buffer.from(text), INDEX);
    const tensors = [{ name: 'w', shard: 'one.safetensors', origin: 'w' }];
    const request = { original: old, tensors, metadata: old.metadata };
    expect(patchIndex({ ...request, totalSize: 4 }).toString()).toBe(text);
    expect(patchIndex({ ...request, totalSize: 8 }).toString()).toContain('"total_size":8}');
  });

  test('gains a metadata object where it had none', () => {
    const bare = parseIndex(Buffer.from('{ "weight_map": {"w": "one.safetensors"} }'), INDEX);
    const tensors = [{ name: 'w', shard: 'one.safetensors', origin: 'w' }];
    const text = patchIndex({ original: bare, tensors, totalSize: 1, metadata: { by: 'me' } }).toString();
    expect(text).toBe('{ "metadata":{"by":"me"}, "weight_map": {"w": "one.safetensors"} }');
  });
});

test('a shard that vanishes is said at once', async () => {
  const index = checkpoint('vanishing', { w: one }, { [one]: shard('w') });
  const opened = await openCheckpoint(index);
  rmSync(join(index, '..', one));
  await expect(opened.read(opened.entries[0]!)).rejects.toThrow(
    'one.safetensors was moved or deleted since it was opened.',
  );
});
