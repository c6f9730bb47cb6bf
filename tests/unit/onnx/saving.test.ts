import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { lazyEntry } from '../../../core/checkpoint/lazy-entry.ts';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import { scratchUnpacker } from '../../../core/checkpoint/unpack/scratch-unpacker.ts';
import { createTensorEngine } from '../../../core/stats/pool.ts';
import type { Document } from '../../../core/workspace/contract.ts';
import type { Edit } from '../../../core/workspace/edits.ts';
import { containerFixtures } from '../../fixtures/catalog.ts';
import { pythonWith } from '../../python.ts';
import { openWorkspace, SMALL, safetensorsBytes, scratchFolder } from '../workspace/support.ts';
import { bytes, message, model, node, number, tensor } from './make.ts';

const engine = createTensorEngine({ threads: 1, unpacker: scratchUnpacker() });
afterAll(() => engine.close());

const FIXTURES = containerFixtures(['onnx']);
const BUNDLED = FIXTURES.filter(({ path }) => path.includes('fixtures/data/onnx'));
const MLP = FIXTURES.find(({ id }) => id.endsWith('mlp_raw.onnx'))!;
const TYPED = FIXTURES.find(({ id }) => id.endsWith('typed_and_raw_dtypes.onnx'))!;
const SUBGRAPHS = FIXTURES.find(({ id }) => id.endsWith('subgraph_sparse.onnx'))!;
const ONE_FILE = FIXTURES.find(({ id }) => id.endsWith('external_one/model.onnx'))!;
const MANY_FILES = FIXTURES.find(({ id }) => id.endsWith('external_many/model.onnx'))!;

interface Opened {
  readonly document: Document;
  readonly path: string;
  readonly original: Buffer;
}

/** A copy of a model, with the files beside it, opened. */
async function open(source: string | Uint8Array): Promise<Opened> {
  const folder = await scratchFolder();
  const path = join(folder, typeof source === 'string' ? basename(source) : 'model.onnx');
  if (typeof source !== 'string') await writeFile(path, source);
  else if (!basename(dirname(source)).startsWith('external')) await copyFile(source, path);
  else
    for (const name of await readdir(dirname(source))) await copyFile(join(dirname(source), name), join(folder, name));
  return { document: await openWorkspace(folder).open(path), path, original: await readFile(path) };
}

async function edited(
  source: string | Uint8Array,
  ...edits: readonly Edit[]
): Promise<Opened & { saved: Buffer; files: readonly string[] }> {
  const opened = await open(source);
  for (const edit of edits) await opened.document.edit(edit);
  const { files } = await opened.document.save();
  return { ...opened, saved: await readFile(opened.path), files };
}

type Listed = [name: string, dtype: string, shape: readonly number[], hash: string];

async function contentOf(
  path: string,
): Promise<{ tensors: Listed[]; metadata: unknown; values: unknown; uses: unknown }> {
  const checkpoint = await openCheckpoint(path);
  const tensors: Listed[] = [];
  for (const entry of checkpoint.entries) {
    tensors.push([entry.name, entry.dtype, entry.shape, await engine.hash(lazyEntry(checkpoint, entry))]);
  }
  await checkpoint.close();
  const uses = checkpoint.entries.map(({ facts }) => [facts?.where, facts?.used_by]);
  return { tensors, metadata: checkpoint.metadata, values: checkpoint.values, uses };
}

function differences(a: Uint8Array, b: Uint8Array): number[] {
  expect(a.length).toBe(b.length);
  return [...a.keys()].filter((i) => a[i] !== b[i]);
}

describe.each(BUNDLED)('$id', ({ path: source }) => {
  test('is not written where nothing changed, and its copy, of one file, holds what it holds', async () => {
    const { document, path, original } = await open(source);
    expect(await document.save()).toMatchObject({ plan: 'none' });
    const copy = join(dirname(path), 'copy.onnx');
    await document.exportTo(copy);
    expect((await readFile(path)).equals(original)).toBe(true);
    expect(await contentOf(copy)).toEqual(await contentOf(path));
    if (!source.includes('external')) expect((await readFile(copy)).equals(original)).toBe(true);
    expect((await openCheckpoint(copy)).files).toHaveLength(1);
  });

  test('has all its tensors renamed, and all else as it was', async () => {
    const before = await contentOf(source);
    const { path } = await edited(source, { kind: 'rename-pattern', pattern: '^', replacement: 'a longer name/' });
    const after = await contentOf(path);
    expect(after.tensors).toEqual(before.tensors.map(([name, ...rest]) => [`a longer name/${name}`, ...rest]));
    expect({ ...after, tensors: [], values: [] }).toEqual({ ...before, tensors: [], values: [] });
  });
});

describe('one value that is set', () => {
  test('in raw_data changes its own bytes alone, in a copy and in place', async () => {
    const { document, path, original } = await open(MLP.path);
    const { offset } = (await openCheckpoint(path)).find('fc1.weight')!;
    await document.edit({ kind: 'set', name: 'fc1.weight', slice: '1,2', values: ['-1e30'] });
    await document.save();
    const first = await readFile(path);
    expect(differences(original, first).every((at) => at >= offset + 28 && at < offset + 32)).toBe(true);
    expect(first.readFloatLE(offset + 28)).toBe(Math.fround(-1e30));
    await document.edit({ kind: 'set', name: 'fc1.weight', slice: '0,0', values: ['7'] });
    expect(await document.save({ inPlace: true })).toMatchObject({ plan: 'in-place', bytesWritten: 4 });
    expect(differences(first, await readFile(path)).every((at) => at >= offset && at < offset + 4)).toBe(true);
  });

  test.each([ONE_FILE, MANY_FILES])('in another file ($id) changes that file alone', async ({ path: source }) => {
    const { document, path, original } = await open(source);
    const checkpoint = await openCheckpoint(path);
    const entry = checkpoint.entries.find(({ file, dtype }) => file > 0 && dtype === 'float32')!;
    const beside = checkpoint.files[entry.file]!.path;
    const before = await readFile(beside);
    await document.edit({ kind: 'set', name: entry.name, slice: entry.shape.map(() => '0').join(), values: ['42'] });
    expect((await document.save()).files).toEqual([basename(beside)]);
    expect((await readFile(path)).equals(original)).toBe(true);
    const changed = differences(before, await readFile(beside));
    expect(changed.every((at) => at >= entry.offset && at < entry.offset + 4)).toBe(true);
  });

  test('in a typed field is written as raw_data, and every other tensor stays', async () => {
    const before = await contentOf(TYPED.path);
    const names = before.tensors
      .filter(([name, , shape]) => name.endsWith('_typed') && shape.length > 0 && !shape.includes(0))
      .map(([name]) => name);
    expect(names.length).toBeGreaterThan(3);
    for (const name of names) {
      const { document, path } = await open(TYPED.path);
      const fill = document.edit({ kind: 'fill', select: [name], value: '1' });
      if (/int4|int2|float4/.test(name)) {
        await expect(fill).rejects.toThrow(/share bytes/);
        continue;
      }
      await fill;
      await document.save();
      const after = await contentOf(path);
      const others = ({ tensors }: typeof after): Listed[] => tensors.filter(([other]) => other !== name);
      expect(others(after)).toEqual(others(before));
      const filled = await engine.stats(
        lazyEntry(await openCheckpoint(path), (await openCheckpoint(path)).find(name)!),
      );
      expect(filled.zeros).toBe(0);
    }
  });
});

test('names are swapped, in graphs inside as well', async () => {
  const before = await contentOf(SUBGRAPHS.path);
  const [a, b] = before.tensors.map(([name]) => name);
  const { path } = await edited(
    SUBGRAPHS.path,
    { kind: 'rename', from: a!, to: 'between' },
    { kind: 'rename', from: b!, to: a! },
    { kind: 'rename', from: 'between', to: b! },
  );
  const after = await contentOf(path);
  expect(after.tensors.map(([name]) => name).slice(0, 2)).toEqual([b, a]);
  expect(after.uses).toEqual(before.uses);
});

describe('the graph', () => {
  const raw = bytes(9, new Uint8Array(8));
  const info = (field: number, name: string, type: number) =>
    message(field, bytes(1, name), message(2, message(1, number(1, type))));
  const GRAPH = model(
    message(1, ...node('Add', { inputs: ['x', 'w'], outputs: ['sum'], name: 'adder' })),
    message(1, ...node('Neg', { inputs: ['sum'], outputs: ['y'] })),
    bytes(2, 'g'),
    message(5, ...tensor('w', 1, [2], raw)),
    message(5, ...tensor('unused', 1, [2], raw)),
    info(11, 'x', 1),
    info(11, 'unused', 1),
    info(12, 'y', 1),
    info(13, 'w', 1),
  );

  test('refuses what would break it, before the edit, and says why', async () => {
    const { document } = await open(GRAPH);
    await expect(document.edit({ kind: 'delete', select: 'w' })).rejects.toThrow(
      /Add adder in the graph takes it.*Save as safetensors/,
    );
    await expect(document.edit({ kind: 'rename', from: 'w', to: 'sum' })).rejects.toThrow(
      /another value that is called 'sum'/,
    );
    await expect(document.edit({ kind: 'cast', select: 'w', dtype: 'complex64' })).rejects.toThrow(
      /cannot cast between/,
    );
    await expect(document.edit({ kind: 'reshape', name: 'w', shape: [1, 2] })).rejects.toThrow(/keeps its shape/);
  });

  test('is not written broken where edits were not asked about', async () => {
    const { path } = await open(GRAPH);
    const document = await openWorkspace(await scratchFolder()).open(path, { objects: false });
    await document.edit({ kind: 'delete', select: 'w' });
    await expect(document.exportTo(join(dirname(path), 'broken.onnx'))).rejects.toThrow(
      /Add adder in the graph takes it/,
    );
  });

  test('loses a tensor that nothing takes, with what it says of it', async () => {
    const { saved } = await edited(GRAPH, { kind: 'delete', select: 'unused' });
    expect(saved.includes('unused')).toBe(false);
    expect(saved.includes('adder')).toBe(true);
  });

  test('goes on computing in the old dtype where a tensor is cast', async () => {
    const { path } = await edited(
      GRAPH,
      { kind: 'cast', select: 'w', dtype: 'float16' },
      { kind: 'rename', from: 'w', to: 'half' },
    );
    const { tensors, uses } = await contentOf(path);
    expect(tensors[0]?.slice(0, 3)).toEqual(['half', 'float16', [2]]);
    expect(uses).toEqual([
      ['graph.initializer', 'Cast half_as_float_cast'],
      ['graph.initializer', undefined],
    ]);
    const again = await edited(path, { kind: 'cast', select: 'half', dtype: 'float64' });
    expect((await contentOf(again.path)).tensors[0]?.slice(0, 2)).toEqual(['half', 'float64']);
    expect(again.saved.toString('latin1').match(/Cast/g)).toHaveLength(1);
  });

  test('takes new tensors as initializers', async () => {
    const { path } = await edited(GRAPH, { kind: 'slice', name: 'w', slice: '1:', to: 'part' });
    const { tensors } = await contentOf(path);
    expect(tensors.map(([name, dtype, shape]) => [name, dtype, shape])).toContainEqual(['part', 'float32', [1]]);
    const { document } = await open(GRAPH);
    await expect(document.edit({ kind: 'slice', name: 'w', slice: '1:', to: 'sum' })).rejects.toThrow(/another value/);
  });

  test('gives a name to another tensor that the same edit takes from its own', async () => {
    const { path } = await edited(GRAPH, {
      kind: 'split',
      name: 'unused',
      axis: 0,
      sizes: [1, 1],
      names: ['unused', 'rest'],
      keep: false,
    });
    const { tensors } = await contentOf(path);
    expect(tensors.map(([name, , shape]) => [name, shape])).toEqual([
      ['w', [2]],
      ['unused', [1]],
      ['rest', [1]],
    ]);
    const { document } = await open(GRAPH);
    const ofUsed: Edit = { kind: 'split', name: 'w', axis: 0, sizes: [1, 1], names: ['w', 'rest'], keep: false };
    await expect(document.edit(ofUsed)).rejects.toThrow(/Add adder in the graph takes it/);
  });
});

test('properties are set, changed and removed, each by its own bytes', async () => {
  const before = (await openCheckpoint(MLP.path)).metadata;
  const [key] = Object.keys(before);
  const { path } = await edited(
    MLP.path,
    { kind: 'metadata', key: key!, value: 'é'.repeat(100) },
    { kind: 'metadata', key: 'new', value: '' },
  );
  expect((await openCheckpoint(path)).metadata).toEqual({ ...before, [key!]: 'é'.repeat(100), new: '' });
  const back = await edited(
    path,
    { kind: 'metadata', key: key!, value: before[key!]! },
    { kind: 'metadata', key: 'new', value: null },
  );
  expect(back.saved.equals(await readFile(MLP.path))).toBe(true);
});

test('values that grow in another file go to its end, and the model says where', async () => {
  const { document, path } = await open(ONE_FILE.path);
  const before = await contentOf(path);
  const entry = (await openCheckpoint(path)).entries.find(({ file, dtype }) => file > 0 && dtype === 'float32')!;
  await document.edit({ kind: 'cast', select: [entry.name], dtype: 'float64' });
  await document.save();
  const after = await contentOf(path);
  const others = ({ tensors }: typeof after): Listed[] => tensors.filter(([name]) => name !== entry.name);
  expect(others(after)).toEqual(others(before));
  const now = (await openCheckpoint(path)).find(entry.name)!;
  expect([now.dtype, now.offset % 4096]).toEqual(['float64', 0]);
  const widened = {
    ...lazyEntry(await openCheckpoint(path), now),
    steps: [{ kind: 'cast', dtype: 'float32' } as const],
  };
  expect(await engine.hash(widened)).toBe(before.tensors.find(([name]) => name === entry.name)?.[3]);
});

test('tensors of other formats become a model without nodes', async () => {
  const folder = await scratchFolder();
  const path = join(folder, 'model.safetensors');
  await writeFile(path, safetensorsBytes(SMALL, { author: 'somebody' }));
  const document = await openWorkspace(folder).open(path);
  const target = join(folder, 'model.onnx');
  await document.exportTo(target);
  const [source, made] = [await contentOf(path), await contentOf(target)];
  expect(made.tensors).toEqual(source.tensors);
  expect(made.metadata).toEqual({ author: 'somebody' });
});

const python = pythonWith('onnx');
const CHECK = `
import json, sys, onnx
from onnx import numpy_helper
model = onnx.load(sys.argv[1])
onnx.checker.check_model(sys.argv[1], full_check=len(model.graph.node) > 0)
print(json.dumps({'names': [t.name for t in model.graph.initializer], 'sums': [float(numpy_helper.to_array(t).astype('float64').sum()) for t in model.graph.initializer if t.data_type in (1, 10, 11, 7)], 'inputs': [[list(n.input), list(n.output), n.op_type] for n in model.graph.node]}))
`;

test.skipIf(!python)("onnx's own checker passes what is written", async () => {
  const check = (path: string): unknown => python?.(CHECK, path);
  const names = (await contentOf(MLP.path)).tensors.map(([name]) => name);
  const casts = await edited(
    MLP.path,
    { kind: 'cast', select: 'fc*', dtype: 'float16' },
    { kind: 'rename', from: names[0]!, to: 'first' },
  );
  expect(check(casts.path)).toMatchObject({ names: expect.arrayContaining(['first']) });
  for (const { path } of [SUBGRAPHS, TYPED]) {
    const renamed = await edited(path, { kind: 'rename-pattern', pattern: '^', replacement: 'p/' });
    check(renamed.path);
  }
  const folder = await scratchFolder();
  const path = join(folder, 'model.safetensors');
  await writeFile(path, safetensorsBytes(SMALL, { author: 'somebody' }));
  await (await openWorkspace(folder).open(path)).exportTo(join(folder, 'made.onnx'));
  expect(check(join(folder, 'made.onnx'))).toMatchObject({ inputs: [] });
});

test('any edits of the values and names of a model are read again, and nothing else changed (property)', async () => {
  const folder = await scratchFolder();
  const workspace = openWorkspace(folder);
  const before = await contentOf(TYPED.path);
  let files = 0;
  const edit = fc.record({ pick: fc.nat(), kind: fc.constantFrom('fill', 'rename', 'cast', 'metadata') });
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 5 }), async (picks) => {
      const path = join(folder, `${files++}.onnx`);
      await copyFile(TYPED.path, path);
      const document = await workspace.open(path);
      const touched = new Set<string>();
      for (const [n, { pick, kind }] of picks.entries()) {
        const name = document.listing().names[pick % before.tensors.length]!;
        const edits: Record<typeof kind, Edit> = {
          fill: { kind: 'fill', select: [name], value: '1' },
          rename: { kind: 'rename', from: name, to: `renamed ${n}` },
          cast: { kind: 'cast', select: [name], dtype: 'float16' },
          metadata: { kind: 'metadata', key: `k${n}`, value: 'v' },
        };
        const made = await document.edit(edits[kind]).then(
          () => true,
          () => false,
        );
        if (made && kind !== 'metadata') touched.add(before.tensors[pick % before.tensors.length]![0]);
      }
      const expected = document.listing();
      await document.save();
      const after = await contentOf(path);
      expect(after.tensors.map(([name, dtype]) => [name, dtype])).toEqual(
        [...expected.names].map((name, i) => [name, expected.dtypes[i]]),
      );
      after.tensors.forEach((now, i) => {
        if (!touched.has(before.tensors[i]![0])) expect(now).toEqual(before.tensors[i]);
      });
    }),
    { numRuns: 12 },
  );
});
