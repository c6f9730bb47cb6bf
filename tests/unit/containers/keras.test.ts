import { readFileSync } from 'node:fs';
import { deflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import { containerFixtures } from '../../fixtures/catalog.ts';
import { temporaryFolder } from '../checkpoint/make.ts';
import { refusal } from '../checkpoint/refusal.ts';
import { listed, valueAt, wanted } from './describe.ts';
import { unzipped, zipped } from './zip.ts';

const folder = temporaryFolder();
const fixture = containerFixtures(['keras']).find(({ id }) => id === 'keras/sequential.keras');
const path = fixture?.path ?? '';

test('weights that the archive stores as they are are read in place', async () => {
  const checkpoint = await openCheckpoint(path);
  expect(checkpoint.format).toBe('keras');
  expect(checkpoint.entries.some(({ packed }) => packed)).toBe(false);
  const [entry] = checkpoint.entries;
  const bytes = readFileSync(path).subarray(entry?.offset, (entry?.offset ?? 0) + (entry?.nbytes ?? 0));
  expect(Buffer.from((await (entry && checkpoint.read(entry))) ?? [])).toEqual(Buffer.from(bytes));
});

test('the configuration is a value, the metadata is metadata', async () => {
  const { values, metadata } = await openCheckpoint(path);
  expect(valueAt(values, ['config', 'class_name'])?.text).toBe('Sequential');
  expect(metadata.keras_version).toBe('3.15.1');
});

test('weights that the archive compresses are the same, unpacked', async () => {
  const members = unzipped(readFileSync(path));
  const archive = zipped(members.map((member) => ({ ...member, packed: deflateRawSync(member.bytes) })));
  const checkpoint = await openCheckpoint(folder.write('deflated.keras', archive));
  expect(checkpoint.entries.every(({ packed }) => packed)).toBe(true);
  const found = await listed(checkpoint);
  expect(Object.fromEntries(found)).toEqual(
    Object.fromEntries(fixture?.expected.tensors.map((tensor) => [tensor.name, wanted(tensor)]) ?? []),
  );
});

test('an archive without weights says so, one without configuration opens', async () => {
  const members = unzipped(readFileSync(path));
  const without = (name: string) => zipped(members.filter((member) => member.name !== name));
  expect((await refusal(folder.write('none.keras', without('model.weights.h5')))).message).toMatch(/holds no weights/);
  const bare = await openCheckpoint(folder.write('bare.keras', without('config.json')));
  expect(bare.entries).toHaveLength(28);
});
