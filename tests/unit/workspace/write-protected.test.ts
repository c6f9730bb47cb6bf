import { chmod, chown, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { stampOf } from '../../../core/checkpoint/byte-source.ts';
import { SaveFailedError } from '../../../core/errors.ts';
import { patchInPlace } from '../../../core/workspace/save/in-place.ts';
import { Replacement } from '../../../core/workspace/save/replacement.ts';
import { scratchFolder } from './support.ts';

const NOBODY = 65_534;
const isRoot = process.geteuid?.() === 0;

let folder: string;
let target: string;
beforeEach(async () => {
  folder = await scratchFolder();
  target = join(folder, 'a.safetensors');
  await writeFile(target, 'as it was');
  await chmod(target, 0o444);
  // Permissions mean nothing to root, so the folder and this process become somebody else's.
  if (!isRoot) return;
  await chown(target, NOBODY, NOBODY);
  await chown(folder, NOBODY, NOBODY);
  process.seteuid?.(NOBODY);
});
afterEach(() => {
  if (isRoot) process.seteuid?.(0);
});

async function isRefused(save: Promise<unknown>): Promise<void> {
  const error = await save.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(SaveFailedError);
  expect(String(error)).toMatch(/a\.safetensors failed: the file is write-protected/);
  expect(await readdir(folder)).toEqual(['a.safetensors']);
  expect(await readFile(target, 'utf8')).toBe('as it was');
}

test('a write-protected file is not replaced, though its folder would allow it', async () => {
  await isRefused(Replacement.begin(target));
  const clone = Replacement.clone(target, { path: target });
  // Where the file system shares no blocks there is no clone to be refused.
  if ((await clone.catch(() => 'refused')) !== null) await isRefused(clone);
});

test('a write-protected file is not patched in place', async () => {
  const stamp = await stampOf(target);
  const patches = [{ offset: 0, bytes: Buffer.from('AS') }];
  await isRefused(patchInPlace({ target, stamp, patches, announce: async () => {} }));
});
