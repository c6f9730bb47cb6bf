import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import type { Document } from '../../../core/workspace/contract.ts';
import { containerFixtures } from '../../fixtures/catalog.ts';
import { float32, float32Values, openWorkspace, scratchFolder } from '../workspace/support.ts';

interface Opened {
  readonly document: Document;
  readonly folder: string;
  readonly path: string;
}

async function openedFixture(id: string): Promise<Opened> {
  const fixture = containerFixtures(['tfjs']).find((candidate) => candidate.id === `tfjs/${id}`);
  if (!fixture) throw new Error(`There is no fixture ${id}.`);
  const folder = await scratchFolder();
  await cp(join(fixture.path, '..'), folder, { recursive: true });
  const path = join(folder, 'model.json');
  return { document: await openWorkspace(folder).open(path), folder, path };
}

async function opened(model: unknown, files: Readonly<Record<string, Uint8Array>>): Promise<Opened> {
  const folder = await scratchFolder();
  const path = join(folder, 'model.json');
  await writeFile(path, JSON.stringify(model, null, 1));
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
  return { document: await openWorkspace(folder).open(path), folder, path };
}

async function filesOf(folder: string): Promise<Map<string, Buffer>> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.bin') || name === 'model.json').sort();
  return new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))] as const)));
}

async function valuesOf(path: string): Promise<Record<string, Buffer>> {
  const checkpoint = await openCheckpoint(path);
  const found: [string, Buffer][] = [];
  for (const entry of checkpoint.entries) found.push([entry.name, Buffer.from(await checkpoint.read(entry))]);
  return Object.fromEntries(found);
}

function changedFiles(before: ReadonlyMap<string, Buffer>, after: ReadonlyMap<string, Buffer>): string[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter((name) => !before.get(name)?.equals(after.get(name) ?? Buffer.alloc(0))).sort();
}

const GRAPH = {
  format: 'graph-model',
  modelTopology: {
    node: [
      { name: 'w', op: 'Const', attr: {} },
      { name: 'unused', op: 'NoOp', input: ['^w'] },
      { name: 'y', op: 'MatMul', input: ['x', 'w:0'] },
    ],
    library: { function: [{ nodeDef: [{ name: 'inner', op: 'Identity', input: ['w'] }] }] },
  },
  signature: { outputs: { out: { name: 'y:0' }, weight: { name: 'w:0' } } },
  weightsManifest: [
    {
      paths: ['a.bin'],
      weights: [
        { name: 'w', shape: [2], dtype: 'float32' },
        { name: 'free', shape: [1], dtype: 'float32' },
      ],
    },
  ],
};

describe('saving a TensorFlow.js model', () => {
  test('writes nothing where nothing was edited', async () => {
    const { document, folder } = await openedFixture('layers/model.json');
    const before = await filesOf(folder);
    expect(await document.save()).toMatchObject({ plan: 'none' });
    expect(changedFiles(before, await filesOf(folder))).toEqual([]);
  });

  test('changes the bytes of an edited value in its shard and no others', async () => {
    const { document, folder, path } = await openedFixture('layers/model.json');
    const before = await filesOf(folder);
    const weights = await valuesOf(path);
    await document.edit({ kind: 'set', name: 'dense/kernel', slice: '0,1', values: ['42'] });
    await document.save();
    const after = await filesOf(folder);
    const [only = ''] = changedFiles(before, after);
    expect(changedFiles(before, after)).toEqual(['group1-shard1of3.bin']);
    const expected = Buffer.from(before.get(only) ?? []);
    expected.writeFloatLE(42, 4);
    expect(after.get(only)).toEqual(expected);
    const kernel = Buffer.from(weights['dense/kernel'] ?? []);
    kernel.writeFloatLE(42, 4);
    expect(await valuesOf(path)).toEqual({ ...weights, 'dense/kernel': kernel });
  });

  test('edits a weight that spans shards, and an element that is cut in two', async () => {
    const flags = Uint8Array.of(1);
    const all = Buffer.concat([flags, float32(1, 2, 3)]);
    const manifest = [
      {
        paths: ['a.bin', 'b.bin'],
        weights: [
          { name: 'flag', shape: [1], dtype: 'bool' },
          { name: 'w', shape: [3], dtype: 'float32' },
        ],
      },
    ];
    const { document, path, folder } = await opened(
      { weightsManifest: manifest },
      { 'a.bin': all.subarray(0, 7), 'b.bin': all.subarray(7) },
    );
    await document.edit({ kind: 'set', name: 'w', slice: ':', values: ['10.5', '20.25', '30.125'] });
    await document.save();
    const { w = Buffer.alloc(0), flag } = await valuesOf(path);
    expect(float32Values(w)).toEqual([10.5, 20.25, 30.125]);
    expect(flag).toEqual(Buffer.of(1));
    expect((await filesOf(folder)).get('a.bin')).toHaveLength(7);
  });

  test('stores an edited quantized weight as what it then is, and the others as they were', async () => {
    const { document, path } = await openedFixture('quantized/model.json');
    const before = await valuesOf(path);
    const model = JSON.parse(await readFile(path, 'utf8'));
    await document.edit({ kind: 'set', name: 'q8/kernel', slice: '0,0', values: ['123.456'] });
    await document.save();
    const expected = Buffer.from(before['q8/kernel'] ?? []);
    expected.writeFloatLE(123.456, 0);
    expect(await valuesOf(path)).toEqual({ ...before, 'q8/kernel': expected });
    const [weight] = model.weightsManifest[0].weights;
    delete weight.quantization;
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(model);
  });

  test('renames a weight wherever the graph names it, and keeps all else of the text', async () => {
    const { document, path } = await opened(GRAPH, { 'a.bin': float32(1, 2, 3) });
    const text = await readFile(path, 'utf8');
    const before = await valuesOf(path);
    await document.edit({ kind: 'rename', from: 'w', to: 'scope/weight' });
    await document.save();
    const expected = text.replaceAll(/"(\^?)w(:0)?"/g, '"$1scope/weight$2"');
    expect(await readFile(path, 'utf8')).toBe(expected);
    expect(await valuesOf(path)).toEqual({ 'scope/weight': before.w, free: before.free });
  });

  test('deletes a weight that no node needs, and files that hold nothing any more', async () => {
    const model = {
      ...GRAPH,
      weightsManifest: [
        ...GRAPH.weightsManifest,
        { paths: ['c.bin', 'd.bin'], weights: [{ name: 'more', shape: [2], dtype: 'int32' }] },
      ],
    };
    const files = { 'a.bin': float32(1, 2, 3), 'c.bin': Uint8Array.of(1, 0, 0, 0), 'd.bin': Uint8Array.of(2, 0, 0, 0) };
    const { document, path, folder } = await opened(model, files);
    const before = await valuesOf(path);
    await document.edit({ kind: 'delete', select: ['free', 'more'] });
    await document.save();
    expect(await valuesOf(path)).toEqual({ w: before.w });
    expect([...(await filesOf(folder)).keys()]).toEqual(['a.bin', 'model.json']);
    expect(JSON.parse(await readFile(path, 'utf8')).weightsManifest).toEqual([
      { paths: ['a.bin'], weights: [{ name: 'w', shape: [2], dtype: 'float32' }] },
      { paths: [], weights: [] },
    ]);
  });

  test('casts the weights of a manifest without a topology', async () => {
    const { document, path } = await opened({ weightsManifest: GRAPH.weightsManifest }, { 'a.bin': float32(1, 2, 3) });
    await document.edit({ kind: 'cast', select: 'w', dtype: 'bool' });
    await document.save();
    expect(await valuesOf(path)).toEqual({ w: Buffer.of(1, 1), free: Buffer.from(float32(3)) });
  });

  test('changes, adds and removes texts of the description', async () => {
    const { document, path } = await openedFixture('quantized/model.json');
    const model = JSON.parse(await readFile(path, 'utf8'));
    await document.edit({ kind: 'metadata', key: 'generatedBy', value: 'me "and" you' });
    await document.edit({ kind: 'metadata', key: 'note', value: 'new' });
    await document.edit({ kind: 'metadata', key: 'convertedBy', value: null });
    await document.save();
    const { convertedBy, ...kept } = model;
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ ...kept, generatedBy: 'me "and" you', note: 'new' });
  });

  test.each([
    [{ kind: 'rename', from: 'w', to: 'y' } as const, /another node named 'y'/],
    [{ kind: 'delete', select: 'w' } as const, /node 'w' of the graph needs/],
    [{ kind: 'cast', select: 'w', dtype: 'int32' } as const, /topology has 'w' as float32/],
    [{ kind: 'cast', select: 'w', dtype: 'float64' } as const, /not of float64/],
    [{ kind: 'metadata', key: 'modelTopology', value: '1' } as const, /no metadata/],
  ])('objects to %j before it is done', async (edit, reason) => {
    const { document } = await opened(GRAPH, { 'a.bin': float32(1, 2, 3) });
    await expect(document.edit(edit)).rejects.toThrow(reason);
    expect(document.summary().dirty).toBe(false);
  });

  test('objects to other names in a model of layers, which makes them itself', async () => {
    const { document } = await openedFixture('layers/model.json');
    await expect(document.edit({ kind: 'rename', from: 'dense/bias', to: 'bias' })).rejects.toThrow(
      /layers model finds/,
    );
    await expect(document.edit({ kind: 'delete', select: 'dense/bias' })).rejects.toThrow(/layers of the model need/);
  });
});
