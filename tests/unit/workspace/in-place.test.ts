import { statSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FileAccessError } from '../../../core/errors.ts';
import { patchInPlace, rollBackInPlace } from '../../../core/workspace/save/in-place.ts';
import { scratchFolder } from './support.ts';

const DEAD = { pid: 4194303, started: '1' };

async function target(): Promise<{ folder: string; path: string; undo: string }> {
  const folder = await scratchFolder();
  const path = join(folder, 'model.safetensors');
  await writeFile(path, 'abcdefghij');
  return { folder, path, undo: `${path}.parascope-undo` };
}

/** Patches, and keeps the undo record as it lay on disk when the new bytes were there. */
async function killedAfterPatching(): Promise<{ path: string; undo: string; record: Buffer; mtimeMs: number }> {
  const { path, undo } = await target();
  const { size, mtimeMs, ino } = statSync(path);
  let record = Buffer.alloc(0);
  await patchInPlace({
    target: path,
    stamp: { size, mtimeMs, ino },
    patches: [
      { offset: 1, bytes: Buffer.from('XX') },
      { offset: 7, bytes: Buffer.from('Y') },
    ],
    onPatched: async () => {
      record = await readFile(undo);
    },
  });
  const dead = Buffer.from(
    record.toString('latin1').replace(/"writer":\{[^}]*\}/, `"writer":${JSON.stringify(DEAD)}`),
    'latin1',
  );
  return { path, undo, record: dead, mtimeMs };
}

test('the patch lands and the record goes', async () => {
  const { path } = await killedAfterPatching();
  expect(await readFile(path, 'utf8')).toBe('aXXdefgYij');
  expect(await readdir(join(path, '..'))).toEqual(['model.safetensors']);
});

test('a record that a kill left behind brings the old bytes back, and the old time', async () => {
  const { path, undo, record, mtimeMs } = await killedAfterPatching();
  await writeFile(undo, record);
  await rollBackInPlace(path);
  expect(await readFile(path, 'utf8')).toBe('abcdefghij');
  expect(Math.abs(statSync(path).mtimeMs - mtimeMs)).toBeLessThan(0.01);
  expect(await readdir(join(path, '..'))).toEqual(['model.safetensors']);
});

test('a torn record means that nothing was patched yet, wherever it is cut', async () => {
  const { path, undo, record } = await killedAfterPatching();
  for (let cut = 0; cut < record.length; cut += 7) {
    await writeFile(undo, record.subarray(0, cut));
    await rollBackInPlace(path);
    expect(await readFile(path, 'utf8')).toBe('aXXdefgYij');
    expect(await readdir(join(path, '..'))).toEqual(['model.safetensors']);
  }
});

test('a record of another file under the same name is dropped', async () => {
  const { path, undo, record } = await killedAfterPatching();
  await writeFile(undo, record);
  await writeFile(path, 'another file');
  await rollBackInPlace(path);
  expect(await readFile(path, 'utf8')).toBe('another file');
});

test('a save that is under way in a living process is not undone', async () => {
  const { path, undo } = await target();
  const { size, mtimeMs, ino } = statSync(path);
  await patchInPlace({
    target: path,
    stamp: { size, mtimeMs, ino },
    patches: [{ offset: 0, bytes: Buffer.from('Z') }],
    onPatched: async () => {
      await expect(rollBackInPlace(path)).rejects.toThrow(FileAccessError);
    },
  });
  expect(await readFile(path, 'utf8')).toBe('Zbcdefghij');
  expect(await readdir(join(undo, '..'))).toEqual(['model.safetensors']);
});
