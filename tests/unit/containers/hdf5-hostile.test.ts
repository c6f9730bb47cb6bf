import { expect, test } from 'vitest';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import { temporaryFolder } from '../checkpoint/make.ts';
import { refusal } from '../checkpoint/refusal.ts';
import { floats, type GroupSymbol, Hdf5Writer } from './hdf5-writer.ts';

const folder = temporaryFolder();
const UNDEFINED = 0xffffffffffffffffn;

/** A file whose root has one dataset, `w`, of these messages. */
function withDataset(messages: (file: Hdf5Writer) => [number, Buffer][]): string {
  const file = new Hdf5Writer();
  const object = file.object(messages(file));
  const root = file.group(Buffer.from('\0\0\0\0\0\0\0\0w\0\0\0\0\0\0\0'), [{ name: 8, object }]);
  return folder.write('hostile.h5', file.finish(root));
}

test('a file of the writer opens, and its values are read', async () => {
  const values = Buffer.from(Float32Array.from([1, 2, 3]).buffer);
  const checkpoint = await openCheckpoint(withDataset((file) => floats([3], file.add(values))));
  const [entry] = checkpoint.entries;
  expect(entry).toMatchObject({ name: '/w', dtype: 'float32', shape: [3] });
  expect(Buffer.from((await (entry && checkpoint.read(entry))) ?? [])).toEqual(values);
});

test('a dataset that was never written is zeros, however large, and takes no room', async () => {
  const checkpoint = await openCheckpoint(withDataset(() => floats([2 ** 20, 2], UNDEFINED)));
  const [entry] = checkpoint.entries;
  const bytes = await (entry && checkpoint.read(entry, { start: 4096, stop: 8192 }));
  expect(bytes?.every((byte) => byte === 0)).toBe(true);
});

test.each([
  ['elements beyond the end', () => floats([1000], 96), /the elements of "\/w" should take 4000 bytes/],
  ['an address that no file has', () => floats([3], 2n ** 62n), /beyond every real file/],
  ['a size that no file has', () => floats([2 ** 40, 2 ** 40], 96), /should take \S+ bytes/],
  ['more dimensions than there are', () => floats(new Array<number>(65).fill(1), 96), /65 dimensions; 64 are read/],
])('%s is refused', async (_, messages, text) => {
  expect((await refusal(withDataset(messages))).message).toMatch(text);
});

test('a header whose continuation is itself is refused', async () => {
  const file = new Hdf5Writer();
  const next = Buffer.alloc(16);
  next.writeBigUInt64LE(BigInt(96 + 16), 0);
  next.writeBigUInt64LE(24n, 8);
  const root = file.object([[0x10, next]]);
  expect((await refusal(folder.write('circle.h5', file.finish(root)))).message).toMatch(/run in a circle/);
});

test('a million links that share one long name are refused before they fill the memory', async () => {
  const file = new Hdf5Writer();
  const object = file.object(floats([0], UNDEFINED));
  const names = Buffer.concat([Buffer.alloc(8), Buffer.alloc(60_000, 0x61), Buffer.alloc(8)]);
  const symbols = Array.from({ length: 20_000 }, (): GroupSymbol => ({ name: 8, object }));
  const path = folder.write('names.h5', file.finish(file.group(names, symbols)));
  expect((await refusal(path)).message).toMatch(/again and again/);
});

test('groups nested without end are refused', async () => {
  const file = new Hdf5Writer();
  const names = Buffer.from('\0\0\0\0\0\0\0\0g\0\0\0\0\0\0\0');
  let group = file.group(names, []);
  for (let i = 0; i < 300; i++) group = file.group(names, [{ name: 8, object: group }]);
  expect((await refusal(folder.write('deep.h5', file.finish(group)))).message).toMatch(/nested more than 256 deep/);
});
