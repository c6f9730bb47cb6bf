import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import { brokenContainers, containerFixtures } from '../../fixtures/catalog.ts';
import { temporaryFolder } from '../checkpoint/make.ts';
import { refusal } from '../checkpoint/refusal.ts';
import { damagedFilesAreSafe, damagedValuesAreSafe } from './damage.ts';
import { valueAt } from './describe.ts';

const folder = temporaryFolder();
const fixtures = containerFixtures(['hdf5', 'hdf5-h5py', 'keras']);
const pathOf = (id: string): string => fixtures.find((fixture) => fixture.id === id)?.path ?? '';
const brokenPath = (name: string): string =>
  brokenContainers(['hdf5']).find(({ id }) => id === `malformed/${name}`)?.path ?? '';

test('elements in one run lie in the file as they are; all others are unpacked', async () => {
  const checkpoint = await openCheckpoint(pathOf('hdf5/latest.h5'));
  const file = readFileSync(checkpoint.path);
  const plain = checkpoint.find('/contig_f4');
  expect(plain?.packed).toBeUndefined();
  expect(Buffer.from((await (plain && checkpoint.read(plain))) ?? [])).toEqual(
    file.subarray(plain?.offset, (plain?.offset ?? 0) + 4800),
  );
  const packed = checkpoint.entries.filter((entry) => entry.packed).map(({ name }) => name);
  expect(packed).toEqual([
    '/be_f4',
    '/be_i8',
    '/chunked/fletcher',
    '/chunked/gzip',
    '/chunked/gzip_shuffle',
    '/chunked/one_dim_i8',
    '/chunked/partly_written',
    '/chunked/plain',
    '/chunked/resizable',
    '/never_written',
  ]);
  expect(checkpoint.find('/chunked/gzip_shuffle')?.facts).toEqual({ chunks: '(16, 16)', filters: 'shuffle, deflate' });
});

describe.each(['earliest', 'latest'])('the attributes and links of %s', (version) => {
  test('are metadata of the file, facts of tensors and values to browse', async () => {
    const checkpoint = await openCheckpoint(pathOf(`hdf5/${version}.h5`));
    expect(checkpoint.metadata).toEqual({ arr: '[0,1,2]', f: '1.5', names: '["w","b"]', str: 'hello' });
    expect(checkpoint.find('/contig_f4')?.facts).toEqual({ 'attribute note': 'é' });
    expect(valueAt(checkpoint.values, ['soft_link'])).toMatchObject({ type: 'soft link', text: '/f2' });
    expect(valueAt(checkpoint.values, ['hard_link'])).toMatchObject({ type: 'hard link', text: '/f8' });
    expect(valueAt(checkpoint.values, ['empty_group'])).toMatchObject({ kind: 'mapping', text: '0 items' });
  });
});

describe.each(['earliest', 'v110'])('many attributes and links of %s', (version) => {
  const open = () => openCheckpoint(pathOf(`hdf5-h5py/kinds_${version}.h5`));

  test('come from heaps and trees as from headers', async () => {
    const { values } = await open();
    const shown = (name: string) => valueAt(values, ['attributes', name]);
    expect(shown('a17')?.children?.map(({ text }) => text)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7']);
    expect(shown('text')?.text).toMatch(/^y{4095}…$/);
    expect([shown('unicode')?.text, shown('flag')?.text, shown('complex')?.text]).toEqual(['é模', 'true', '1 + 2i']);
    expect(shown('big_endian')?.children?.map(({ text }) => text)).toEqual(['1', '-2']);
    expect(shown('empty')?.kind).toBe('null');
    expect(valueAt(values, ['external'])).toMatchObject({ type: 'external link', text: 'other.h5: /x' });
    expect(valueAt(values, ['type'])).toMatchObject({ type: 'committed datatype' });
  });

  test('records are columns, and what is no number is listed beside', async () => {
    const checkpoint = await open();
    expect(checkpoint.find('/table.rgb')).toMatchObject({ dtype: 'uint8', shape: [5, 4, 3] });
    expect(checkpoint.find('/table_chunked.m')).toMatchObject({ dtype: 'float64', shape: [5, 4, 2, 2] });
    expect(checkpoint.others?.map(({ name, dtype }) => [name, dtype])).toEqual([
      ['/null', 'float32'],
      ['/table.s', 'string'],
      ['/table_chunked.s', 'string'],
    ]);
    expect(checkpoint.find('/enum')?.facts).toEqual({ enumeration: 'A, B, C' });
    expect(checkpoint.find('/array_type')).toMatchObject({ shape: [4, 2, 3], facts: { 'byte order': 'big-endian' } });
  });
});

test("Keras' configuration is a value to browse, not one long line", async () => {
  const { values, metadata } = await openCheckpoint(pathOf('keras/sequential.h5'));
  expect(valueAt(values, ['model_config', 'class_name'])?.text).toBe('Sequential');
  expect(metadata.keras_version).toBe('3.15.1');
});

test('a hard-link cycle and soft links that lead in circles end', async () => {
  const { entries, values } = await openCheckpoint(brokenPath('h5_link_cycle.h5'));
  expect(entries).toHaveLength(1);
  expect(valueAt(values, ['a', 'loop'])).toMatchObject({ type: 'hard link', text: '/' });
  expect(valueAt(values, ['self'])).toMatchObject({ type: 'soft link', text: '/self' });
});

test('a damaged chunk is listed, and its values are refused with the place', async () => {
  const checkpoint = await openCheckpoint(brokenPath('h5_corrupt_chunk.h5'));
  const [entry] = checkpoint.entries;
  const error = entry && (await checkpoint.read(entry).catch((reason: unknown) => reason));
  expect(error).toMatchObject({ code: 'CHECKPOINT_FORMAT' });
  expect(String(error)).toMatch(/a chunk cannot be read: .*\(byte \d+ of the file\)/);
});

test.each([
  ['h5_truncated.h5', /should have 7784 bytes, but has 3892/],
  ['h5_bad_superblock.h5', /the superblock is of version 255/],
])('%s says what is wrong', async (name, message) => {
  expect((await refusal(brokenPath(name))).message).toMatch(message);
});

test('a byte changed in a checked structure is noticed', async () => {
  const file = readFileSync(pathOf('hdf5/latest.h5'));
  const at = file.indexOf('OHDR') + 10;
  file[at] = (file[at] ?? 0) ^ 0x55;
  expect((await refusal(folder.write('flipped.h5', file))).message).toMatch(/checksum is wrong/);
});

test('damaged files open or are refused', async () => {
  const small = fixtures.map(({ path }) => path).filter((path) => readFileSync(path).length < 150_000);
  await fc.assert(damagedFilesAreSafe(small, folder), { numRuns: 400 });
}, 120_000);

test('damaged chunks unpack or are refused', async () => {
  const paths = [join('hdf5', 'earliest.h5'), join('hdf5-h5py', 'kinds_earliest.h5')].map(pathOf);
  await fc.assert(damagedValuesAreSafe(paths, folder), { numRuns: 60 });
}, 120_000);
