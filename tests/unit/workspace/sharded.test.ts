import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { InvalidArgumentError } from '../../../core/errors.ts';
import type { FileStamp } from '../../../core/ndarray/lazy-tensor.ts';
import type { Document, Workspace } from '../../../core/workspace/contract.ts';
import { CommitLog, UnfinishedCommitError } from '../../../core/workspace/save/commit-record.ts';
import {
  type FileTensor,
  float32,
  namesOf,
  openWorkspace,
  readSafetensors,
  safetensorsBytes,
  scratchFolder,
} from './support.ts';

const FIRST: readonly FileTensor[] = [
  { name: 'a', dtype: 'F32', shape: [2], bytes: float32(1, 2) },
  { name: 'b', dtype: 'F32', shape: [2], bytes: float32(3, 4) },
];
const SECOND: readonly FileTensor[] = [{ name: 'c', dtype: 'F32', shape: [3], bytes: float32(5, 6, 7) }];
const INDEX = 'model.safetensors.index.json';

interface Sharded {
  readonly folder: string;
  readonly path: string;
  readonly workspace: Workspace;
  readonly document: Document;
}

async function openSharded(): Promise<Sharded> {
  const root = await scratchFolder();
  const folder = join(root, 'model');
  await mkdir(folder);
  await writeFile(join(folder, 'model-1.safetensors'), safetensorsBytes(FIRST, { format: 'pt', shard: '1' }));
  await writeFile(join(folder, 'model-2.safetensors'), safetensorsBytes(SECOND, { format: 'pt', shard: '2' }));
  const index = {
    metadata: { total_size: 28, total_parameters: 7 },
    weight_map: { a: 'model-1.safetensors', b: 'model-1.safetensors', c: 'model-2.safetensors' },
  };
  const path = join(folder, INDEX);
  await writeFile(path, `${JSON.stringify(index, null, 2)}\n`);
  const workspace = openWorkspace(root);
  return { folder, path, workspace, document: await workspace.open(path) };
}

async function contents(folder: string): Promise<Record<string, Buffer>> {
  const names = (await readdir(folder)).sort();
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))])));
}

async function indexOf(
  folder: string,
): Promise<{ metadata: { total_size: number; total_parameters: number }; weight_map: Record<string, string> }> {
  return JSON.parse(await readFile(join(folder, INDEX), 'utf8'));
}

describe('a sharded checkpoint', () => {
  test('without edits is left as it is', async () => {
    const { document, folder } = await openSharded();
    const before = await contents(folder);
    expect(namesOf(document)).toEqual(['a', 'b', 'c']);
    expect((await document.save()).plan).toBe('none');
    expect(await contents(folder)).toEqual(before);
  });

  test('a value edit rewrites its shard alone', async () => {
    const { document, folder } = await openSharded();
    const before = await contents(folder);
    await document.edit({ kind: 'fill', select: 'c', value: '0' });
    expect(await document.save()).toMatchObject({ plan: 'patch', files: ['model-2.safetensors'] });
    const after = await contents(folder);
    expect(Object.keys(after)).toEqual(Object.keys(before));
    expect(after[INDEX]).toEqual(before[INDEX]);
    expect(after['model-1.safetensors']).toEqual(before['model-1.safetensors']);
    expect(after['model-2.safetensors']).not.toEqual(before['model-2.safetensors']);
  });

  test('a rename reaches shard and index, and back again restores both', async () => {
    const { document, folder } = await openSharded();
    const before = await contents(folder);
    await document.edit({ kind: 'rename', from: 'b', to: 'renamed' });
    await document.save();
    expect((await indexOf(folder)).weight_map).toEqual({
      a: 'model-1.safetensors',
      renamed: 'model-1.safetensors',
      c: 'model-2.safetensors',
    });
    await document.edit({ kind: 'rename', from: 'renamed', to: 'b' });
    await document.save();
    expect(await contents(folder)).toEqual(before);
  });

  test('a new tensor may take the name that another gave up', async () => {
    const { document, folder, path, workspace } = await openSharded();
    await document.edit({ kind: 'rename', from: 'a', to: 'former' });
    await document.edit({ kind: 'copy', source: { tensor: 'c' }, name: 'a' });
    await document.save();
    expect((await indexOf(folder)).weight_map).toEqual({
      former: 'model-1.safetensors',
      b: 'model-1.safetensors',
      c: 'model-2.safetensors',
      a: 'model-2.safetensors',
    });
    expect(namesOf(await workspace.open(path))).toEqual(['former', 'b', 'c', 'a']);
  });

  test('casts count in total_size', async () => {
    const { document, folder } = await openSharded();
    await document.edit({ kind: 'cast', select: '*', dtype: 'float64' });
    await document.save();
    expect((await indexOf(folder)).metadata.total_size).toBe(56);
    expect((await readSafetensors(join(folder, 'model-2.safetensors'))).tensors.get('c')?.dtype).toBe('F64');
  });

  test('deletions count in total_parameters, unless the user sets it', async () => {
    const { document, folder } = await openSharded();
    await document.edit({ kind: 'delete', select: 'c' });
    await document.save();
    expect((await indexOf(folder)).metadata).toEqual({ total_size: 16, total_parameters: 4 });
    await document.edit({ kind: 'delete', select: 'b' });
    await document.edit({ kind: 'metadata', key: 'total_parameters', value: '1000' });
    await document.save();
    expect((await indexOf(folder)).metadata.total_parameters).toBe(1000);
  });

  test('a shard that holds nothing any more goes', async () => {
    const { document, folder, path, workspace } = await openSharded();
    await document.edit({ kind: 'delete', select: 'c' });
    await document.save();
    expect(await readdir(folder)).toEqual(['model-1.safetensors', INDEX]);
    await workspace.closeDocument(document.id);
    expect(namesOf(await workspace.open(path))).toEqual(['a', 'b']);
  });

  test('save as merges it into one file, the first metadata wins, edits of it count', async () => {
    const { document, folder } = await openSharded();
    await document.edit({ kind: 'metadata', key: 'note', value: 'merged' });
    const one = join(folder, 'one.safetensors');
    expect((await document.saveAs(one)).plan).toBe('rewrite');
    const { tensors, metadata } = await readSafetensors(one);
    expect([...tensors.keys()].sort()).toEqual(['a', 'b', 'c']);
    expect(Buffer.from(tensors.get('c')?.bytes ?? [])).toEqual(Buffer.from(float32(5, 6, 7)));
    expect(metadata).toEqual({ format: 'pt', shard: '1', note: 'merged' });
    expect(document.summary().format).toBe('safetensors');
  });

  test('its own shards, and names of indices, are no targets', async () => {
    const { document, folder } = await openSharded();
    for (const name of ['model-1.safetensors', 'other.safetensors.index.json']) {
      await expect(document.saveAs(join(folder, name))).rejects.toThrow(InvalidArgumentError);
    }
  });
});

describe('a commit that a kill cut short', () => {
  /** A child process that was killed leaves its pid in the record; no process has this one. */
  const DEAD = { pid: 4194303, started: '1' };

  async function cutShort(renamed: boolean): Promise<Sharded & { state: string }> {
    const sharded = await openSharded();
    const { document, folder, path, workspace } = sharded;
    await workspace.closeDocument(document.id);
    const shard = join(folder, 'model-1.safetensors');
    const temporary = join(folder, `.model-1.safetensors.parascope-${DEAD.pid}-aa.tmp`);
    await writeFile(temporary, safetensorsBytes(FIRST.map((t) => (t.name === 'b' ? { ...t, name: 'renamed' } : t))));
    const index = join(folder, `.${INDEX}.parascope-${DEAD.pid}-bb.tmp`);
    await writeFile(index, (await readFile(path, 'utf8')).replace('"b"', '"renamed"'));
    const commit = {
      parascopeCommit: 1,
      writer: DEAD,
      renames: [
        { temporary, target: shard, former: stamp(shard) },
        { temporary: index, target: path, former: stamp(path) },
      ],
      removes: [],
    };
    const state = join(folder, '..', 'state', 'commits');
    await mkdir(state, { recursive: true });
    const record = `${createHash('sha256').update(path).digest('hex').slice(0, 16)}.json`;
    await writeFile(join(state, record), JSON.stringify(commit));
    if (renamed) await rename(temporary, shard);
    return { ...sharded, state };
  }

  function stamp(path: string): FileStamp {
    const { size, mtimeMs, ino } = statSync(path);
    return { size, mtimeMs, ino };
  }

  test.each([true, false])('is finished at the next opening (first file renamed already: %s)', async (renamed) => {
    const { folder, path, workspace, state } = await cutShort(renamed);
    expect(namesOf(await workspace.open(path))).toEqual(['a', 'renamed', 'c']);
    expect(await readdir(state)).toEqual([]);
    expect((await readdir(folder)).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('is given up where somebody changed a file since, with a warning', async () => {
    const { folder, path, workspace, state } = await cutShort(false);
    await writeFile(join(folder, 'model-1.safetensors'), safetensorsBytes([...FIRST]));
    const document = await workspace.open(path);
    expect(namesOf(document)).toEqual(['a', 'b', 'c']);
    expect(document.summary().warnings).toEqual([expect.stringContaining('could not be finished')]);
    expect(await readdir(state)).toEqual([expect.stringMatching(/\.damaged$/)]);
  });
});

test('a commit that fails half way says so and can be finished', async () => {
  const folder = await scratchFolder();
  const file = (name: string): string => join(folder, name);
  await writeFile(file('a.tmp'), 'new a');
  await writeFile(file('b.tmp'), 'new b');
  // No file can take the place of a folder.
  await mkdir(file('b'));
  const log = new CommitLog(file('commits'));
  const renames = ['a', 'b'].map((name) => ({ temporary: file(`${name}.tmp`), target: file(name), former: null }));
  await expect(log.carryOut(file('index'), { renames, removes: [] })).rejects.toThrow(UnfinishedCommitError);
  expect(await readFile(file('a'), 'utf8')).toBe('new a');
  await rmdir(file('b'));
  expect(await log.finish(file('index'))).toBeNull();
  expect(await readFile(file('b'), 'utf8')).toBe('new b');
  expect((await readdir(folder)).sort()).toEqual(['a', 'b', 'commits']);
  expect(await readdir(file('commits'))).toEqual([]);
});
