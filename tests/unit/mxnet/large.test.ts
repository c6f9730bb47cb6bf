import { truncateSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import { openWorkspace, scratchFolder } from '../workspace/support.ts';
import { denseRecord, field, float32Bytes, listFile } from './support.ts';

const BIG = 5 * 2 ** 30;

/** A file of holes: an array of 5 GiB, then a small one. */
async function makeLarge(path: string): Promise<number> {
  const header = denseRecord({ shape: field.shape(BIG / 4), values: Buffer.alloc(0) });
  const head = listFile([header, header]).subarray(0, 24 + header.length);
  const tail = Buffer.concat([denseRecord(), field.names('big', 'small')]);
  const at = head.length + BIG;
  await using file = await open(path, 'w');
  await file.write(head, 0, head.length, 0);
  truncateSync(path, at + tail.length);
  await file.write(tail, 0, tail.length, at);
  return at;
}

test('arrays beyond 4 GiB are found, read and changed in place', async () => {
  const folder = await scratchFolder();
  const path = join(folder, 'large.params');
  const at = await makeLarge(path);
  const checkpoint = await openCheckpoint(path);
  const [big, small] = checkpoint.entries;
  expect(big).toMatchObject({ name: 'big', nbytes: BIG });
  expect(small).toMatchObject({ name: 'small', offset: at + 32 });
  expect(small && Buffer.from(await checkpoint.read(small))).toEqual(float32Bytes(1, 2));
  expect(big && Buffer.from(await checkpoint.read(big, { start: BIG - 4, stop: BIG }))).toEqual(Buffer.alloc(4));
  const document = await openWorkspace(folder).open(path);
  await document.edit({ kind: 'set', name: 'small', slice: '1', values: ['7'] });
  await document.edit({ kind: 'set', name: 'big', slice: '-1', values: ['3'] });
  expect(await document.save({ inPlace: true })).toMatchObject({ plan: 'in-place' });
  const changed = await openCheckpoint(path);
  const bytes = await Promise.all(
    changed.entries.map((entry) => changed.read(entry, { start: entry.nbytes - 8, stop: entry.nbytes })),
  );
  expect(bytes.map((part) => Buffer.from(part))).toEqual([float32Bytes(0, 3), float32Bytes(1, 7)]);
});
