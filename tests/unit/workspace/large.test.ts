import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { float32, openWorkspace, scratchFolder } from './support.ts';

const GIB = 1024 ** 3;
const COLUMNS = 8192;

interface Sparse {
  readonly path: string;
  readonly folder: string;
  readonly dataStart: number;
  /** Where the last element of the matrix lies. */
  readonly last: number;
}

/** One matrix of `nbytes` in a file that takes no room on disk. */
async function sparseCheckpoint(nbytes: number): Promise<Sparse> {
  const folder = await scratchFolder();
  const path = join(folder, 'large.safetensors');
  const entries = {
    small: { dtype: 'F32', shape: [2], data_offsets: [0, 8] },
    matrix: { dtype: 'F32', shape: [nbytes / (4 * COLUMNS), COLUMNS], data_offsets: [8, 8 + nbytes] },
  };
  const text = JSON.stringify(entries).padEnd(256);
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(text.length));
  await using file = await open(path, 'w');
  await file.write(Buffer.concat([prefix, Buffer.from(text), float32(1, 2)]));
  const dataStart = 8 + text.length;
  await file.truncate(dataStart + 8 + nbytes);
  return { path, folder, dataStart, last: dataStart + 8 + nbytes - 4 };
}

async function bytesAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer;
}

async function expectOneValue({ path, dataStart, last }: Sparse): Promise<void> {
  await using file = await open(path, 'r');
  const around = await bytesAt(file, last - 1024, 1024 + 4);
  expect(around.subarray(1024)).toEqual(Buffer.from(float32(3.5)));
  expect(around.subarray(0, 1024).every((byte) => byte === 0)).toBe(true);
  expect(await bytesAt(file, dataStart, 8)).toEqual(Buffer.from(float32(1, 2)));
  const { size, blocks } = await file.stat();
  expect(size).toBe(last + 4);
  // Nothing else was written: what was a hole is one.
  expect(blocks * 512).toBeLessThan(32 * 1024 * 1024);
}

describe('one value of a file beyond 2^31 and 2^32 bytes', () => {
  test.each([
    ['patch', 2.25 * GIB],
    ['in-place', 5 * GIB],
  ])(
    'changes alone (%s)',
    async (plan, nbytes) => {
      const file = await sparseCheckpoint(nbytes);
      const document = await openWorkspace(file.folder).open(file.path);
      await document.edit({ kind: 'set', name: 'matrix', slice: '-1,-1', values: ['3.5'] });
      const result = await document.save({ inPlace: plan === 'in-place' });
      expect(result.plan).toBe(plan);
      await expectOneValue(file);
    },
    120_000,
  );

  test('moves along where a longer header moves the data', async () => {
    const file = await sparseCheckpoint(2.25 * GIB);
    const document = await openWorkspace(file.folder).open(file.path);
    await document.edit({ kind: 'set', name: 'matrix', slice: '-1,-1', values: ['3.5'] });
    await document.save({ inPlace: true });
    await document.edit({ kind: 'rename', from: 'matrix', to: 'm'.repeat(400) });
    expect((await document.save()).plan).toBe('rewrite');
    await using handle = await open(file.path, 'r');
    const dataStart = 8 + Number((await bytesAt(handle, 0, 8)).readBigUInt64LE(0));
    expect(dataStart).toBeGreaterThan(file.dataStart);
    await expectOneValue({ ...file, dataStart, last: file.last + dataStart - file.dataStart });
  }, 120_000);
});

test('cancelling a save of a large file stops it and leaves nothing', async () => {
  const { path, folder } = await sparseCheckpoint(5 * GIB);
  const workspace = openWorkspace(folder);
  const document = await workspace.open(path);
  await document.edit({ kind: 'scale', select: 'matrix', factor: 2 });
  const saving = expect(document.save()).rejects.toThrow('The save was cancelled; the file is as it was.');
  await expect
    .poll(() => workspace.tasks().find(({ state }) => state === 'running')?.done ?? 0, { timeout: 20_000 })
    .toBeGreaterThan(0);
  workspace.cancelTask(workspace.tasks()[0]?.id ?? '');
  await saving;
  expect(document.summary().dirty).toBe(true);
});
