import { statSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FileAccessError } from '../../../core/errors.ts';
import type { FileStamp } from '../../../core/ndarray/lazy-tensor.ts';
import { finishedSentence, finishInPlace, patchInPlace } from '../../../core/workspace/save/in-place.ts';
import { readRecord, writeRecord } from '../../../core/workspace/save/in-place-record.ts';
import { scratchFolder } from './support.ts';

const DEAD = { pid: 4194303, started: '1' };
const OLD = 'abcdefghij';
const NEW = 'aXXdefgYij';
const PATCHES = [
  { offset: 1, bytes: Buffer.from('XX') },
  { offset: 7, bytes: Buffer.from('Y') },
];
const FORMER = [
  { offset: 1, bytes: Buffer.from('bc') },
  { offset: 7, bytes: Buffer.from('h') },
];

interface Target {
  readonly path: string;
  readonly undo: string;
  readonly stamp: FileStamp;
  /** As a process that is dead now left it, the file untouched. */
  readonly record: Buffer;
  readonly mtimeMs: number;
}

async function target(): Promise<Target> {
  const folder = await scratchFolder();
  const path = join(folder, 'model.safetensors');
  const undo = `${path}.parascope-undo`;
  await writeFile(path, OLD);
  const { size, mtimeMs, ino } = statSync(path);
  const stamp = { size, mtimeMs, ino };
  const next = Math.floor(mtimeMs) + 1234;
  await writeRecord(path, { stamp, former: FORMER, patches: PATCHES, mtimeMs: next });
  const text = (await readFile(undo)).toString('latin1');
  const record = Buffer.from(text.replace(/"writer":\{[^}]*\}/, `"writer":${JSON.stringify(DEAD)}`), 'latin1');
  await writeFile(undo, record);
  return { path, undo, stamp, record, mtimeMs: next };
}

/** The same record as a version wrote it that kept the old bytes only. */
function undoOnly(record: Buffer): Buffer {
  const end = record.indexOf(0x0a);
  const { redo: _redo, ...header } = JSON.parse(record.toString('utf8', 0, end));
  return Buffer.concat([Buffer.from(JSON.stringify(header)), record.subarray(end, end + 4)]);
}

const names = (path: string): Promise<string[]> => readdir(join(path, '..'));

test('the patch lands as it was announced, and the record goes', async () => {
  const folder = await scratchFolder();
  const path = join(folder, 'model.safetensors');
  await writeFile(path, OLD);
  const { size, mtimeMs, ino } = statSync(path);
  let announced: FileStamp | null = null;
  await patchInPlace({
    target: path,
    stamp: { size, mtimeMs, ino },
    patches: PATCHES,
    announce: async (stamp) => {
      announced = stamp;
      expect(await readFile(path, 'utf8')).toBe(OLD);
    },
  });
  expect(await readFile(path, 'utf8')).toBe(NEW);
  const now = statSync(path);
  expect(announced).toEqual({ size, ino, mtimeMs: expect.closeTo(now.mtimeMs, 2) });
  expect(now.mtimeMs).toBeGreaterThan(mtimeMs);
  expect(await names(path)).toEqual(['model.safetensors']);
});

test.each([OLD, 'aXcdefghij', 'aXXdefghij', NEW])(
  'a save that was killed with the file at %s goes on to the new bytes and the announced time',
  async (content) => {
    const { path, mtimeMs } = await target();
    await writeFile(path, content);
    expect(await finishInPlace(path)).toBe('done');
    expect(await readFile(path, 'utf8')).toBe(NEW);
    expect(statSync(path).mtimeMs).toBeCloseTo(mtimeMs, 1);
    expect(await names(path)).toEqual(['model.safetensors']);
    expect(await finishInPlace(path)).toBe('nothing');
  },
);

test.each([
  ['the new bytes are damaged', (record: Buffer) => Buffer.concat([record.subarray(0, -1), Buffer.from('?')])],
  ['the new bytes are cut short', (record: Buffer) => record.subarray(0, -1)],
  ['an earlier version kept only the old ones', undoOnly],
])('where %s, the old bytes come back, and the old time', async (_what, left) => {
  const { path, undo, record, stamp } = await target();
  await writeFile(path, 'aXcdefgYij');
  await writeFile(undo, left(record));
  expect(await finishInPlace(path)).toBe('undone');
  expect(await readFile(path, 'utf8')).toBe(OLD);
  expect(statSync(path).mtimeMs).toBeCloseTo(stamp.mtimeMs, 1);
  expect(await names(path)).toEqual(['model.safetensors']);
});

test('a torn record means that nothing was patched yet, wherever it is cut', async () => {
  const { path, undo, record } = await target();
  for (let cut = 0; cut < record.length; cut++) {
    await writeFile(path, OLD);
    await writeFile(undo, record.subarray(0, cut));
    expect(await finishInPlace(path)).toBe('undone');
    expect(await readFile(path, 'utf8')).toBe(OLD);
    expect(await names(path)).toEqual(['model.safetensors']);
  }
});

test.each(['another file', 'aZZdefgYij'])(
  'a file that somebody else wrote since (%s) is left alone',
  async (content) => {
    const { path } = await target();
    await writeFile(path, content);
    expect(await finishInPlace(path)).toBe('left');
    expect(await readFile(path, 'utf8')).toBe(content);
    expect(await names(path)).toEqual(['model.safetensors']);
  },
);

test('a save that is under way in a living process is not touched', async () => {
  const { path, stamp, mtimeMs } = await target();
  await finishInPlace(path);
  await writeFile(path, OLD);
  await writeRecord(path, { stamp, former: FORMER, patches: PATCHES, mtimeMs });
  await expect(finishInPlace(path)).rejects.toThrow(FileAccessError);
  expect(await readFile(path, 'utf8')).toBe(OLD);
  expect(await readRecord(path)).toMatchObject({ former: FORMER, next: { patches: PATCHES, mtimeMs } });
});

test('the user is told which state the file is in', () => {
  expect(finishedSentence('/a/model.pt', 'nothing')).toBeNull();
  expect(finishedSentence('/a/model.pt', 'done')).toMatch(/^A save of model\.pt in place .* it is finished now/);
  expect(finishedSentence('/a/model.pt', 'undone')).toMatch(/as it was before that save/);
  expect(finishedSentence('/a/model.pt', 'left')).toMatch(/left as it is/);
});

test.each([
  ['more than any record', (undo: string) => truncate(undo, 2 ** 40), /it has 1099511627776 bytes.*Move it away/],
  ['a folder', (undo: string) => rm(undo).then(() => mkdir(undo)), /it is no file\. Move it away/],
])('%s in the place of the record is not read, and the file stays as it is', async (_, put, message) => {
  const { path, undo } = await target();
  await put(undo);
  await expect(finishInPlace(path)).rejects.toThrow(message);
  expect(await readFile(path, 'utf8')).toEqual(OLD);
});
