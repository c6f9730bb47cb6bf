import { appendFileSync, copyFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { open, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openCheckpoint, reopenCheckpoint } from '../../../core/checkpoint/open.ts';
import { FileChangedError, InvalidArgumentError, InvalidStateError } from '../../../core/errors.ts';
import { safetensors, temporaryFolder } from './make.ts';

const folder = temporaryFolder();
const HEADER = '{"w":{"dtype":"U8","shape":[16],"data_offsets":[0,16]}}';
const file = () => safetensors(HEADER, Buffer.from(Array.from({ length: 16 }, (_, i) => i)));
const MIB = 1024 * 1024;

test('a range of an entry is those bytes', async () => {
  const checkpoint = await openCheckpoint(folder.write('range.safetensors', file()));
  const [w] = checkpoint.entries;
  expect([...(await checkpoint.read(w!, { start: 3, stop: 6 }))]).toEqual([3, 4, 5]);
  expect(await checkpoint.read(w!, { start: 16, stop: 16 })).toHaveLength(0);
  for (const range of [
    { start: 3, stop: 17 },
    { start: -1, stop: 2 },
    { start: 5, stop: 4 },
    { start: 0.5, stop: 2 },
  ]) {
    await expect(checkpoint.read(w!, range)).rejects.toThrow(InvalidArgumentError);
  }
});

test('a closed checkpoint reads nothing', async () => {
  const checkpoint = await openCheckpoint(folder.write('closed.safetensors', file()));
  await checkpoint.close();
  await expect(checkpoint.read(checkpoint.entries[0]!)).rejects.toThrow(InvalidStateError);
});

test.each<[string, (path: string) => void, RegExp]>([
  ['grew', (path) => appendFileSync(path, 'x'), /it had 79 bytes and now has 80/],
  ['was-written', (path) => utimesSync(path, 1, 1), /it was written at 1970-01-01T00:00:01.000Z/],
  [
    'was-replaced',
    (path) => {
      copyFileSync(path, `${path}.new`);
      renameSync(`${path}.new`, path);
    },
    /another file took its place/,
  ],
  ['is-gone', (path) => rmSync(path), /was moved or deleted since it was opened/],
])('a file that %s under an open checkpoint is not read', async (name, change, message) => {
  const path = folder.write(`${name}.safetensors`, file());
  const checkpoint = await openCheckpoint(path);
  change(path);
  const error = await checkpoint.read(checkpoint.entries[0]!).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(FileChangedError);
  expect(String(error)).toMatch(message);
});

test('a header that is known is not parsed again, and the values are those of the file that was opened', async () => {
  const known = await openCheckpoint(folder.write('known.safetensors', file()));
  const path = folder.write('copy.safetensors', safetensors(HEADER, Buffer.alloc(16, 7)));
  const copy = await reopenCheckpoint(path, [known]);
  expect(copy.entries).toBe(known.entries);
  expect(copy.find('w')).toBe(known.find('w'));
  expect([...(await copy.read(copy.entries[0]!, { start: 0, stop: 2 }))]).toEqual([7, 7]);
  await known.close();
  expect(await copy.read(copy.entries[0]!)).toHaveLength(16);
});

test.each([
  ['another name', HEADER.replace('"w"', '"v"'), 16, null],
  ['other padding', `${HEADER} `, 16, null],
  ['data cut short', HEADER, 15, /cut short/],
  ['data that go on', HEADER, 17, /1 bytes follow the last tensor/],
])('a file with %s is parsed for itself, whatever is known', async (_, header, data, refusal) => {
  const known = await openCheckpoint(folder.write('known.safetensors', file()));
  const opening = reopenCheckpoint(folder.write('other.safetensors', safetensors(header, data)), [known]);
  if (refusal) await expect(opening).rejects.toThrow(refusal);
  else expect((await opening).entries[0]?.offset).toBe(8 + header.length);
});

/** A file with holes for data: nothing of them is on the disk. */
async function sparse(name: string, header: string, size: number): Promise<string> {
  const path = join(folder.path, name);
  writeFileSync(path, safetensors(header));
  await truncate(path, size);
  return path;
}

test('a file of 20 GB opens with the memory of a small one, and reads near its end', async () => {
  const bytes = 20e9;
  const header = JSON.stringify({
    big: { dtype: 'BF16', shape: [bytes / 2], data_offsets: [0, bytes] },
    last: { dtype: 'U8', shape: [4], data_offsets: [bytes, bytes + 4] },
  });
  const path = await sparse('big.safetensors', header, 8 + header.length + bytes + 4);
  const handle = await open(path, 'r+');
  await handle.write(Buffer.from([1, 2, 3, 4]), 0, 4, 8 + header.length + bytes);
  await handle.close();
  const before = process.memoryUsage().rss;
  const checkpoint = await openCheckpoint(path);
  expect([...(await checkpoint.read(checkpoint.find('last')!))]).toEqual([1, 2, 3, 4]);
  const big = checkpoint.find('big')!;
  expect(await checkpoint.read(big, { start: bytes - 2, stop: bytes })).toHaveLength(2);
  await expect(checkpoint.read(big)).rejects.toThrow(/read it in ranges of at most 1073741824/);
  expect(process.memoryUsage().rss - before).toBeLessThan(50 * MIB);
});

test('a read of more than one piece is whole', async () => {
  const bytes = 65 * MIB;
  const header = JSON.stringify({ big: { dtype: 'U8', shape: [bytes], data_offsets: [0, bytes] } });
  const path = await sparse('pieces.safetensors', header, 8 + header.length + bytes);
  const handle = await open(path, 'r+');
  await handle.write(Buffer.from([9]), 0, 1, 8 + header.length + bytes - 1);
  await handle.close();
  const checkpoint = await openCheckpoint(path);
  const read = await checkpoint.read(checkpoint.entries[0]!);
  expect(read).toHaveLength(bytes);
  expect(read.at(-1)).toBe(9);
});

test('a header of 200,000 tensors opens whole', async () => {
  const count = 200_000;
  const members = Array.from(
    { length: count },
    (_, i) => `"model.layers.${i >> 3}.weight.${i}":{"dtype":"F32","shape":[1],"data_offsets":[${i * 4},${i * 4 + 4}]}`,
  );
  const header = `{${members.join(',')}}`;
  const path = await sparse('many.safetensors', header, 8 + header.length + count * 4);
  const checkpoint = await openCheckpoint(path);
  expect(checkpoint.entries).toHaveLength(count);
  expect(checkpoint.find(`model.layers.${(count - 1) >> 3}.weight.${count - 1}`)).toMatchObject({
    offset: 8 + header.length + count * 4 - 4,
    nbytes: 4,
  });
});

test('a header up to the limit of 100 MB opens, and one byte more does not', async () => {
  const header = '{}'.padEnd(100_000_000);
  expect((await openCheckpoint(folder.write('limit.safetensors', safetensors(header)))).entries).toEqual([]);
  const over = folder.write('over.safetensors', safetensors(`${header} `));
  await expect(openCheckpoint(over)).rejects.toThrow(/100000001 bytes; the format's limit is 100000000/);
});
