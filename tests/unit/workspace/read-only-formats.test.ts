import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import { storedEntry } from '../../../core/checkpoint/stored-entry.ts';
import { containerFixtures } from '../../fixtures/catalog.ts';
import { float32Values, namesOf, openWorkspace, readSafetensors, scratchFolder } from './support.ts';

/** Fixtures with every way in which NumPy packs: deflated, Fortran order, big-endian. */
const fixtures = new Map(containerFixtures(['numpy', 'tflite']).map((fixture) => [fixture.id, fixture]));

async function opened(id: string) {
  const fixture = fixtures.get(`numpy/${id}`) ?? fixtures.get(`tflite/${id}`);
  if (!fixture) throw new Error(`There is no fixture ${id}.`);
  const folder = await scratchFolder();
  const path = join(folder, id);
  await copyFile(fixture.path, path);
  const workspace = openWorkspace(folder);
  return { folder, path, workspace, document: await workspace.open(path), expected: fixture.expected };
}

/** Its values as float32, by the reader alone. */
async function floats(path: string, name: string): Promise<number[]> {
  const checkpoint = await openCheckpoint(path);
  const entry = checkpoint.find(name);
  if (!entry) throw new Error(`${name} is missing.`);
  return float32Values(await checkpoint.read(entry));
}

describe('a document of packed values, or of a format without a writer', () => {
  test('says that it cannot be saved where it is, why, and what Save as would call it', async () => {
    const { document, path } = await opened('float32.tflite');
    const before = await readFile(path);
    expect(document.summary()).toMatchObject({ savable: false, saveAsName: 'float32.safetensors', format: 'tflite' });
    expect(document.summary().unsavable).toMatch(/reads TensorFlow Lite models but does not write them: Save as/);
    await document.edit({ kind: 'fill', select: '*', value: '1' });
    await expect(document.save()).rejects.toThrow(/cannot be saved over.*Save as/);
    await expect(document.saveAs(path)).rejects.toThrow(/cannot be saved over.*Save as/);
    expect(await readFile(path)).toEqual(before);
  });

  test('is edited, looked at and saved as safetensors, packed or not', async () => {
    const { document, folder, path, workspace } = await opened('plain.npz');
    const [w, fortran, bigEndian] = await Promise.all(['w', 'fort', 'be'].map((name) => floats(path, name)));
    expect(fortran).toEqual(w);
    await document.edit({ kind: 'set', name: 'fort', slice: '1,2', values: ['42'] });
    await document.edit({ kind: 'scale', select: 'be', factor: 2 });
    await document.edit({ kind: 'rename', from: 'be', to: 'doubled' });
    await document.edit({ kind: 'delete', select: 'empty' });
    const edited = fortran?.with(6, 42);
    const lazy = document.lazy(document.idOf('fort'));
    expect(float32Values(await workspace.engine.read(lazy, 0, 12))).toEqual(edited);
    expect((await workspace.engine.stats(lazy)).max).toBe(42);

    const target = join(folder, 'saved.safetensors');
    await document.saveAs(target);
    expect(document.summary()).toMatchObject({
      savable: true,
      unsavable: null,
      dirty: false,
      name: 'saved.safetensors',
    });
    const { tensors } = await readSafetensors(target);
    expect([...tensors.keys()].sort()).toEqual([...namesOf(document)].sort());
    expect(float32Values(tensors.get('fort')?.bytes ?? new Uint8Array())).toEqual(edited);
    expect(float32Values(tensors.get('w')?.bytes ?? new Uint8Array())).toEqual(w);
    const doubled = bigEndian?.map((value) => Math.fround(value * 2));
    expect(float32Values(tensors.get('doubled')?.bytes ?? new Uint8Array())).toEqual(doubled);
    // From here on it is a document like any other.
    await document.edit({ kind: 'fill', select: 'w', value: '3' });
    await document.save();
    expect(await floats(target, 'w')).toEqual(new Array(12).fill(3));
  });

  test('is exported to MXNet with the values that it had', async () => {
    const { document, folder, path } = await opened('compressed.npz');
    const target = join(folder, 'saved.params');
    await document.exportTo(target);
    const checkpoint = await openCheckpoint(target);
    expect(checkpoint.entries.map(({ name }) => name)).toEqual(namesOf(document));
    for (const name of namesOf(document)) {
      const original = await openCheckpoint(path);
      const [from, to] = [original.find(name), checkpoint.find(name)];
      if (!from || !to) throw new Error(name);
      expect(Buffer.from(await checkpoint.read(to)).equals(await original.read(from))).toBe(true);
    }
  });

  test('compares, and is loaded onto devices, as any other', async () => {
    const { document, workspace, path } = await opened('plain.npz');
    const checkpoint = await openCheckpoint(path);
    const [fort, w] = [checkpoint.find('fort'), checkpoint.find('w')];
    if (!fort || !w) throw new Error('missing');
    const diff = await workspace.engine.diff(storedEntry(checkpoint, fort), storedEntry(checkpoint, w));
    expect(diff).toMatchObject({ maxAbs: 0, changedCount: 0, identicalBytes: true });
    const summary = await document.parameters.load(document.idOf('fort'));
    expect(summary.copies).toHaveLength(1);
    const { l2 } = await workspace.engine.stats(document.lazy(document.idOf('w')));
    expect(Number(summary.copies[0]?.norm)).toBeCloseTo(l2 ?? 0, 5);
  });

  test('takes up the edits that an earlier run left', async () => {
    const { document, workspace, path, folder } = await opened('plain.npz');
    await document.edit({ kind: 'fill', select: 'fort', value: '7' });
    await workspace.close();
    const again = await openWorkspace(folder).open(path);
    expect(again.summary().recovery).toMatchObject({ edits: 1, fileUnchanged: true });
    await again.resume();
    expect(again.summary().dirty).toBe(true);
  });

  test('shows arrays that are no tensors among its other values', async () => {
    const { document } = await opened('bytes_str.npy');
    expect(document.summary().hasValues).toBe(true);
    expect(document.values().values).toEqual([
      { key: 'bytes_str', kind: 'array', type: 'bytes24 (2,)', text: '"ab", "xyz"', children: [], left: 0 },
    ]);
  });
});
