import { spawnSync } from 'node:child_process';
import { mkdir, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { SaveFailedError } from '../../../core/errors.ts';
import type { TensorEngine } from '../../../core/stats/engine.ts';
import type { Workspace } from '../../../core/workspace/contract.ts';
import { openWorkspace, safetensorsBytes, scratchFolder } from './support.ts';

const mounted: string[] = [];

afterEach(() => {
  for (const folder of mounted.splice(0)) spawnSync('umount', [folder]);
});

/** A file system of `size` bytes; null where this machine lets nobody mount one. */
async function smallDisk(size: number): Promise<{ root: string; disk: string } | null> {
  const root = await scratchFolder();
  const disk = join(root, 'disk');
  await mkdir(disk);
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', disk]);
  if (status !== 0) return null;
  mounted.push(disk);
  return { root, disk };
}

interface OnSmallDisk {
  readonly root: string;
  readonly disk: string;
  readonly path: string;
  readonly original: Buffer;
  readonly workspace: Workspace;
}

async function onSmallDisk(elements: number): Promise<OnSmallDisk | null> {
  const place = await smallDisk(4 * 1024 * 1024);
  if (!place) return null;
  const path = join(place.disk, 'model.safetensors');
  const original = safetensorsBytes([
    {
      name: 'w',
      dtype: 'F32',
      shape: [elements],
      bytes: new Uint8Array(Float32Array.from({ length: elements }, (_, i) => i + 1).buffer),
    },
  ]);
  await writeFile(path, original);
  return { ...place, path, original, workspace: openWorkspace(place.root) };
}

const NEEDS_ROOT = 'needs the right to mount a small file system (run as root)';

describe('a full disk', () => {
  test('is noticed before anything is written, with what is needed and what is free', async (context) => {
    const place = await onSmallDisk(600_000);
    if (!place) return context.skip(NEEDS_ROOT);
    const { path, original, disk, workspace } = place;
    const document = await workspace.open(path);
    await document.edit({ kind: 'cast', select: 'w', dtype: 'float64' });
    const failure = await document.save().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(SaveFailedError);
    expect((failure as SaveFailedError).message).toMatch(/needs \d+ bytes, and only \d+ are free/);
    expect((await readFile(path)).equals(original)).toBe(true);
    expect(await readdir(disk)).toEqual(['model.safetensors']);
    expect(document.summary()).toMatchObject({ dirty: true, undo: 'Cast w to float64' });
  });

  test('half way through leaves the old file whole, no trace, and the edits', async (context) => {
    const place = await onSmallDisk(400_000);
    if (!place) return context.skip(NEEDS_ROOT);
    const { path, original, disk, root, workspace } = place;
    let greedy = true;
    const engine: TensorEngine = Object.assign(Object.create(workspace.engine), {
      // The room that the save found is gone by the time it writes.
      read: async (...request: Parameters<TensorEngine['read']>) => {
        const bytes = await workspace.engine.read(...request);
        if (greedy) await fill(disk);
        return bytes;
      },
    });
    const document = await openWorkspace(root, { engine, stateDirectory: join(root, 'other') }).open(path);
    await document.edit({ kind: 'cast', select: 'w', dtype: 'float16' });
    const failure = await document.save().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(SaveFailedError);
    expect((failure as SaveFailedError).message).toBe(
      'Saving model.safetensors failed: the disk is full. The file is as it was.',
    );
    expect((await readFile(path)).equals(original)).toBe(true);
    expect((await readdir(disk)).sort()).toEqual(['filler', 'model.safetensors']);
    expect(document.summary().dirty).toBe(true);
    greedy = false;
    await rm(join(disk, 'filler'));
    expect((await document.save()).plan).toBe('rewrite');
  });
});

async function fill(disk: string): Promise<void> {
  await using filler = await open(join(disk, 'filler'), 'w');
  const block = Buffer.alloc(4096, 1);
  try {
    for (;;) await filler.write(block);
  } catch {
    // That was the last block.
  }
}
