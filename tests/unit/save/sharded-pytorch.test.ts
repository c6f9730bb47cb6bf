import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Document, Workspace } from '../../../core/workspace/contract.ts';
import { pythonWith } from '../../python.ts';
import {
  type FileTensor,
  float32,
  float32Values,
  namesOf,
  openWorkspace,
  safetensorsBytes,
  scratchFolder,
} from '../workspace/support.ts';

const torch = pythonWith('torch');
const FIRST = 'pytorch_model-00001-of-00002.bin';
const SECOND = 'pytorch_model-00002-of-00002.bin';
const INDEX = 'pytorch_model.bin.index.json';
const SHARDS: Readonly<Record<string, readonly FileTensor[]>> = {
  [FIRST]: [
    { name: 'a', dtype: 'F32', shape: [2], bytes: float32(1, 2) },
    { name: 'b', dtype: 'F32', shape: [2], bytes: float32(3, 4) },
  ],
  [SECOND]: [{ name: 'c', dtype: 'F32', shape: [3], bytes: float32(5, 6, 7) }],
};

let folder: string;
let workspace: Workspace;
let document: Document;

beforeEach(async () => {
  const root = await scratchFolder();
  folder = join(root, 'model');
  await mkdir(folder);
  workspace = openWorkspace(root);
  const weights: [string, string][] = [];
  for (const [shard, tensors] of Object.entries(SHARDS)) {
    const source = join(root, 'source.safetensors');
    await writeFile(source, safetensorsBytes(tensors));
    const from = await workspace.open(source);
    await from.exportTo(join(folder, shard));
    await workspace.closeDocument(from.id);
    weights.push(...tensors.map(({ name }): [string, string] => [name, shard]));
  }
  const index = { metadata: { total_size: 28 }, weight_map: Object.fromEntries(weights) };
  await writeFile(join(folder, INDEX), `${JSON.stringify(index, null, 2)}\n`);
  document = await workspace.open(join(folder, INDEX));
});

async function contents(): Promise<Record<string, Buffer>> {
  const names = (await readdir(folder)).sort();
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))])));
}

async function index(): Promise<{ metadata: Record<string, unknown>; weight_map: Record<string, string> }> {
  return JSON.parse(await readFile(join(folder, INDEX), 'utf8'));
}

describe('shards of torch, saved over their index', () => {
  test('a value is patched in the shard that holds it, and nothing else is written', async () => {
    const before = await contents();
    await document.edit({ kind: 'set', name: 'c', slice: '1', values: ['9'] });
    const plan = await document.planSave();
    expect(plan.files.map(({ name, action }) => [name, action])).toEqual([[SECOND, 'copy-and-patch']]);
    expect(await document.save()).toMatchObject({ plan: 'patch', files: [SECOND] });
    const after = await contents();
    expect(after[FIRST]).toEqual(before[FIRST]);
    expect(after[INDEX]).toEqual(before[INDEX]);
    const [old, now] = [before[SECOND], after[SECOND]];
    const changed = [...(old?.keys() ?? [])].filter((i) => old?.[i] !== now?.[i]);
    // One element, and its checksum in the record's header and in the directory.
    expect(now?.length).toBe(old?.length);
    expect(changed.length).toBeLessThanOrEqual(4 + 8);
    expect(float32Values(await workspace.engine.read(document.lazy(document.idOf('c')), 0, 3))).toEqual([5, 9, 7]);
  });

  test('names, dtypes, what goes and what comes: shards and index agree', async () => {
    await document.edit({ kind: 'rename', from: 'a', to: 'first' });
    await document.edit({ kind: 'delete', select: ['b'] });
    await document.edit({ kind: 'cast', select: 'c', dtype: 'float16' });
    await document.edit({ kind: 'slice', name: 'c', slice: '0:2', to: 'd' });
    await document.save();
    expect(await index()).toEqual({
      metadata: { total_size: 2 * 4 + 3 * 2 + 2 * 2 },
      weight_map: { first: FIRST, c: SECOND, d: SECOND },
    });
    const again = await workspace.open(join(folder, INDEX));
    expect(namesOf(again)).toEqual(['first', 'c', 'd']);
    if (!torch) return;
    const script = `
import json, sys, torch
load = lambda n: {k: [str(v.dtype), v.tolist()] for k, v in torch.load(f'{sys.argv[1]}/{n}', weights_only=True).items()}
print(json.dumps([load(n) for n in sys.argv[2:]]))`;
    expect(torch(script, folder, FIRST, SECOND)).toEqual([
      { first: ['torch.float32', [1, 2]] },
      { c: ['torch.float16', [5, 6, 7]], d: ['torch.float16', [5, 6]] },
    ]);
  });

  test('a shard without tensors goes, and with it its name in the index', async () => {
    await document.edit({ kind: 'delete', select: ['a', 'b'] });
    const { files } = await document.planSave();
    expect(files.map(({ name, action }) => [name, action])).toEqual([
      [INDEX, 'rewrite'],
      [FIRST, 'remove'],
    ]);
    await document.save();
    expect(Object.keys(await contents())).toEqual([SECOND, INDEX]);
    expect((await index()).weight_map).toEqual({ c: SECOND });
  });

  test('metadata is the index’s own', async () => {
    await document.edit({ kind: 'metadata', key: 'note', value: 'mended' });
    expect((await document.save()).files).toEqual([INDEX]);
    expect((await index()).metadata).toEqual({ total_size: 28, note: 'mended' });
  });

  test('an index that names no shard any more says so before it takes a tensor', async () => {
    await document.edit({ kind: 'delete', select: ['a', 'b', 'c'] });
    await document.save();
    const source = { tensor: 'c', file: join(folder, '..', 'source.safetensors') };
    await expect(document.edit({ kind: 'copy', source, name: 'c' })).rejects.toThrow(
      /The index names no shard that could hold a tensor/,
    );
  });
});
