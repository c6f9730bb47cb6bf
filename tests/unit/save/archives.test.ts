import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import type { Document, Workspace } from '../../../core/workspace/contract.ts';
import { containerFixtures } from '../../fixtures/catalog.ts';
import { pythonWith } from '../../python.ts';
import { float32Values, namesOf, openWorkspace, SMALL, safetensorsBytes, scratchFolder } from '../workspace/support.ts';

const fixtures = new Map(containerFixtures(['numpy', 'pytorch']).map((fixture) => [fixture.id, fixture]));
const python = { numpy: pythonWith('numpy'), torch: pythonWith('torch') };

async function opened(id: string): Promise<{ path: string; folder: string; workspace: Workspace; document: Document }> {
  const fixture = fixtures.get(id);
  if (!fixture) throw new Error(`There is no fixture ${id}.`);
  const folder = await scratchFolder();
  const path = join(folder, basename(id));
  await writeFile(path, await readFile(fixture.path));
  const workspace = openWorkspace(folder);
  return { path, folder, workspace, document: await workspace.open(path) };
}

async function hashes(workspace: Workspace, document: Document): Promise<Record<string, string>> {
  const pairs = namesOf(document).map(
    async (name) => [name, await workspace.engine.hash(document.lazy(document.idOf(name)))] as const,
  );
  return Object.fromEntries(await Promise.all(pairs));
}

function differing(a: Buffer, b: Buffer): number[] {
  expect(b.length).toBe(a.length);
  return [...a.keys()].filter((i) => a[i] !== b[i]);
}

/** A name whose tensor has one float32 element or more, stored as it is. */
async function plainFloat(path: string): Promise<{ name: string; offset: number; rank: number }> {
  const { entries } = await openCheckpoint(path);
  const entry = entries.find(
    ({ dtype, packed, nbytes, storageGroup }) =>
      dtype === 'float32' && !packed && nbytes > 0 && storageGroup === undefined,
  );
  if (!entry) throw new Error(`${path} has no plain float32 tensor.`);
  return { name: entry.name, offset: entry.offset, rank: entry.shape.length };
}

describe.each([
  'numpy/plain.npz',
  'numpy/f4.npy',
  'pytorch/state_dict.pt',
  'pytorch/torchscript.pt',
  'pytorch/legacy_p2.pt',
])('%s', (id) => {
  test('is left alone by a save without edits', async () => {
    const { document, path } = await opened(id);
    const before = await readFile(path);
    expect((await document.save()).plan).toBe('none');
    expect((await readFile(path)).equals(before)).toBe(true);
  });

  test.each([true, false])(
    'of one edited value, only its bytes and checksums change (in place: %s)',
    async (inPlace) => {
      const { document, path, workspace } = await opened(id);
      const before = await readFile(path);
      const { name, offset, rank } = await plainFloat(path);
      await document.edit({ kind: 'set', name, slice: new Array(rank).fill('0').join(','), values: ['-77.25'] });
      const expected = await hashes(workspace, document);
      await document.save({ inPlace });
      const changed = differing(before, await readFile(path));
      const own = changed.filter((at) => at >= offset && at < offset + 4);
      // A checksum stands at most in three places: before the bytes, behind them, in the directory.
      expect(changed.length - own.length).toBeLessThanOrEqual(12);
      expect(own.length).toBeGreaterThan(0);
      expect(await hashes(workspace, document)).toEqual(expected);
    },
  );
});

describe.each(['numpy/plain.npz', 'numpy/compressed.npz', 'pytorch/state_dict.pt', 'pytorch/rezipped_deflate.pt'])(
  'the structure of %s',
  (id) => {
    test('takes renames, deletions, casts and values together', async () => {
      const { document, path, workspace, folder } = await opened(id);
      const names = [...namesOf(document)];
      const { values: valuesBefore } = document.values();
      const floats = document.listing().dtypes.flatMap((dtype, i) => (dtype === 'float32' ? [names[i] ?? ''] : []));
      const [cast = '', set = cast] = floats;
      const gone = names.find((name) => !floats.includes(name));
      await document.edit({ kind: 'cast', select: [cast], dtype: 'float16', apart: true });
      await document.edit({ kind: 'fill', select: [set], value: '2.5', apart: true });
      if (gone !== undefined) await document.edit({ kind: 'delete', select: [gone] });
      await document.edit({ kind: 'rename', from: set, to: `${set}_renamed` });
      const expected = await hashes(workspace, document);
      await document.save();
      const again = await openWorkspace(folder, { journaling: false }).open(path);
      expect(await hashes(workspace, again)).toEqual(expected);
      expect(again.listing().dtypes[again.listing().names.indexOf(cast === set ? `${set}_renamed` : cast)]).toBe(
        'float16',
      );
      expect(again.values().values).toEqual(valuesBefore);
    });
  },
);

describe('tied weights', () => {
  async function tied(): Promise<{ document: Document; path: string; a: string; b: string }> {
    const { document, path } = await opened('pytorch/state_dict.pt');
    const { entries } = await openCheckpoint(path);
    const a = entries.find(({ facts }) => facts?.tied_with);
    if (!a) throw new Error('The fixture has no tied weights.');
    return { document, path, a: a.name, b: a.facts?.tied_with ?? '' };
  }

  test('are edited together and stay tied', async () => {
    const { document, path, a, b } = await tied();
    await document.edit({ kind: 'fill', select: [a], value: '3' });
    expect(document.history()[0]).toMatchObject({ tensors: 2 });
    const plan = await document.planSave();
    expect(plan).toMatchObject({ action: 'copy-and-patch', shared: [{ stays: true }, { stays: true }] });
    await document.save();
    const { entries } = await openCheckpoint(path);
    expect(entries.find(({ name }) => name === a)?.offset).toBe(entries.find(({ name }) => name === b)?.offset);
  });

  test('stay tied when both are cast, in one new storage', async () => {
    const { document, path, a, b } = await tied();
    await document.edit({ kind: 'cast', select: [a], dtype: 'float16' });
    await document.save();
    const { entries } = await openCheckpoint(path);
    const [x, y] = [a, b].map((wanted) => entries.find(({ name }) => name === wanted));
    expect(x).toMatchObject({ dtype: 'float16', offset: y?.offset });
  });

  test('come apart where the user says so', async () => {
    const { document, path, a } = await tied();
    await document.edit({ kind: 'fill', select: [a], value: '3', apart: true });
    expect((await document.planSave()).shared).toContainEqual(expect.objectContaining({ name: a, stays: false }));
    await document.save();
    const after = await openCheckpoint(path);
    const entry = after.entries.find((candidate) => candidate.name === a);
    expect(entry?.facts?.tied_with).toBeUndefined();
    if (!entry) throw new Error(a);
    expect(new Set(float32Values(await after.read(entry)))).toEqual(new Set([3]));
  });
});

describe('what a PyTorch file cannot hold is refused before it is done', () => {
  test.each([
    ['pytorch/torchscript.pt', /TorchScript/],
    ['pytorch/legacy_p2.pt', /before 1\.6/],
    ['pytorch/whole_module.pt', /stands in no dict/],
  ])('%s', async (id, reason) => {
    const { document } = await opened(id);
    const [name = ''] = namesOf(document);
    await expect(document.edit({ kind: 'delete', select: [name] })).rejects.toThrow(reason);
    const renamed = await document.previewRename({ pattern: '^', replacement: 'x' });
    expect(renamed).toMatchObject({ problems: 0, objection: expect.stringMatching(reason) });
    expect(document.summary().dirty).toBe(false);
  });

  test('a dtype that torch lacks', async () => {
    const folder = await scratchFolder();
    const path = join(folder, 'f6.safetensors');
    await writeFile(path, safetensorsBytes([{ name: 'w', dtype: 'F6_E2M3', shape: [4], bytes: new Uint8Array(3) }]));
    const document = await openWorkspace(folder).open(path);
    await document.exportTo(join(folder, 'w.pt'));
    expect((await openCheckpoint(join(folder, 'w.pt'))).entries[0]?.dtype).toBe('float8_e4m3fn');
  });
});

const TORCH = `
import json, sys, zipfile, torch
assert zipfile.ZipFile(sys.argv[1]).testzip() is None
state = torch.load(sys.argv[1], weights_only=True)
print(json.dumps({name: [str(value.dtype), list(value.shape), value.double().flatten().tolist()] for name, value in state.items()}))`;

const NUMPY = `
import json, sys, zipfile, numpy
assert zipfile.ZipFile(sys.argv[1]).testzip() is None
print(json.dumps({name: [str(value.dtype), list(value.shape), value.astype('f8').flatten().tolist()] for name, value in numpy.load(sys.argv[1]).items()}))`;

/** Names by storage, of those of some size. */
const STORAGES = `
import json, sys, torch
storages = {}
for name, value in torch.load(sys.argv[1], weights_only=True).items():
  if value.dtype in (torch.float32, torch.int64) and name != 'layer.0.bias':
    storages.setdefault(value.untyped_storage().data_ptr(), []).append(name)
print(json.dumps(list(storages.values())))`;

describe('new files', () => {
  test.each([
    ['torch', 'new.pt', TORCH, 'torch.'],
    ['numpy', 'new.npz', NUMPY, ''],
  ] as const)('%s reads %s', async (library, name, script, prefix) => {
    const folder = await scratchFolder();
    const path = join(folder, 'model.safetensors');
    await writeFile(path, safetensorsBytes(SMALL));
    const document = await openWorkspace(folder).open(path);
    await document.exportTo(join(folder, name));
    const copy = await openCheckpoint(join(folder, name));
    expect(copy.entries.map((entry) => entry.name).sort()).toEqual([...namesOf(document)].sort());
    const run = python[library];
    if (!run) return;
    expect(run(script, join(folder, name))).toMatchObject({
      'layer.0.weight': [`${prefix}float32`, [2, 3], [1, 2, 3, 4, 5, 6]],
      steps: [`${prefix}int64`, [], [12]],
    });
  });

  test('torch sees tied tensors as one storage', async () => {
    const { torch } = python;
    if (!torch) return;
    const folder = await scratchFolder();
    const path = join(folder, 'model.safetensors');
    const [weight] = SMALL;
    if (!weight) throw new Error('There is no weight.');
    await writeFile(path, safetensorsBytes([...SMALL, { ...weight, name: 'head' }, { ...weight, name: 'other' }]));
    const document = await openWorkspace(folder).open(path);
    await document.edit({ kind: 'tie', names: [weight.name, 'head'] });
    await document.saveAs(join(folder, 'tied.pt'));
    await document.edit({ kind: 'tie', names: ['other', 'head'] });
    await document.edit({ kind: 'scale', select: 'head', factor: 2 });
    expect(torch(STORAGES, join(folder, 'tied.pt'))).toEqual([[weight.name, 'head'], ['steps'], ['other']]);
    await document.save();
    expect(torch(STORAGES, join(folder, 'tied.pt'))).toEqual([[weight.name], ['steps'], ['head', 'other']]);
  });
});
