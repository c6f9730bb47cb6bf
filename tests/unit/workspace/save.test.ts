import { chmod, mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  CancelledError,
  FileChangedError,
  InvalidArgumentError,
  InvalidStateError,
  SaveFailedError,
} from '../../../core/errors.ts';
import {
  float32,
  float32Values,
  namesOf,
  openSmall,
  openWorkspace,
  readSafetensors,
  SMALL_METADATA,
  safetensorsBytes,
  scratchFolder,
} from './support.ts';

async function visibleAndHidden(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name !== 'state').sort();
}

describe('save', () => {
  test('has nothing to do without edits', async () => {
    const { document, path, original } = await openSmall();
    const before = await stat(path);
    expect(await document.save()).toEqual({ plan: 'none', bytesWritten: 0, files: [] });
    expect(await readFile(path)).toEqual(original);
    expect((await stat(path)).ino).toBe(before.ino);
  });

  test('a value edit changes its bytes and no others', async () => {
    const { document, path, original, folder } = await openSmall();
    await document.edit({ kind: 'set', name: 'layer.0.weight', slice: '1,0', values: ['-7'] });
    expect(await document.save()).toMatchObject({ plan: 'patch', files: ['model.safetensors'] });
    const saved = await readFile(path);
    const changed = [...saved.keys()].filter((i) => saved[i] !== original[i]);
    const at = original.indexOf(Buffer.from(float32(4)));
    expect(changed.every((i) => i >= at && i < at + 4)).toBe(true);
    expect(
      float32Values((await readSafetensors(path)).tensors.get('layer.0.weight')?.bytes ?? new Uint8Array()),
    ).toEqual([1, 2, 3, -7, 5, 6]);
    expect(await visibleAndHidden(folder)).toEqual(['model.safetensors']);
  });

  test('rename, save, rename back, save gives the first file byte for byte', async () => {
    const { document, path, original } = await openSmall();
    await document.edit({ kind: 'rename', from: 'layer.0.weight', to: 'a.much.longer.name.than.before.weight' });
    await document.save();
    expect(await readFile(path)).not.toEqual(original);
    await document.edit({ kind: 'rename', from: 'a.much.longer.name.than.before.weight', to: 'layer.0.weight' });
    await document.save();
    expect(await readFile(path)).toEqual(original);
  });

  test('edits undone to the start leave the file as it was', async () => {
    const { document, path, original } = await openSmall();
    await document.edit({ kind: 'scale', select: 'layer.*', factor: 2 });
    await document.edit({ kind: 'delete', select: 'mask' });
    await document.undo();
    await document.undo();
    expect((await document.save()).plan).toBe('none');
    expect(await readFile(path)).toEqual(original);
  });

  test('every kind of edit lands in the file', async () => {
    const { document, path } = await openSmall();
    await document.edit({ kind: 'cast', select: 'layer.0.bias', dtype: 'float16' });
    await document.edit({ kind: 'rename', from: 'layer.0.bias', to: 'b' });
    await document.edit({ kind: 'delete', select: 'mask' });
    await document.edit({ kind: 'fill', select: 'steps', value: '-9223372036854775808' });
    await document.edit({ kind: 'scale', select: 'layer.0.weight', factor: 0.5 });
    await document.edit({ kind: 'metadata', key: 'author', value: null });
    await document.edit({ kind: 'metadata', key: 'licence', value: 'Apache-2.0 — "free"' });
    expect((await document.save()).plan).toBe('rewrite');
    const { tensors, metadata } = await readSafetensors(path);
    expect([...tensors.keys()].sort()).toEqual(['b', 'layer.0.weight', 'steps']);
    expect(tensors.get('b')).toMatchObject({ dtype: 'F16', shape: [3] });
    expect([...(tensors.get('b')?.bytes ?? [])]).toEqual([0x00, 0x38, 0x00, 0xb8, 0x00, 0x00]);
    expect(float32Values(tensors.get('layer.0.weight')?.bytes ?? new Uint8Array())).toEqual([0.5, 1, 1.5, 2, 2.5, 3]);
    expect([...(tensors.get('steps')?.bytes ?? [])]).toEqual([0, 0, 0, 0, 0, 0, 0, 0x80]);
    expect(metadata).toEqual({ format: 'pt', licence: 'Apache-2.0 — "free"' });
  });

  test('begins a new history, keeps ids, and goes on editing', async () => {
    const { document, path } = await openSmall();
    const id = document.idOf('mask');
    await document.edit({ kind: 'rename', from: 'mask', to: 'gate' });
    await document.save();
    expect(document.history()).toEqual([]);
    expect(document.summary()).toMatchObject({ dirty: false, undo: null, disk: 'same' });
    expect(document.idOf('gate')).toBe(id);
    await document.edit({ kind: 'set', name: 'gate', slice: '1', values: ['true'] });
    await document.save();
    expect([...((await readSafetensors(path)).tensors.get('gate')?.bytes ?? [])]).toEqual([1, 1, 1, 1]);
  });

  test('deleting every tensor leaves a valid empty file', async () => {
    const { document, path, workspace } = await openSmall();
    await document.edit({ kind: 'delete', select: '*' });
    await document.save();
    expect((await readSafetensors(path)).tensors.size).toBe(0);
    await workspace.closeDocument(document.id);
    expect(namesOf(await workspace.open(path))).toEqual([]);
  });

  test('follows links to the real file and keeps its mode', async () => {
    const { folder, path, workspace, document } = await openSmall();
    await workspace.closeDocument(document.id);
    await chmod(path, 0o640);
    await mkdir(join(folder, 'links'));
    const link = join(folder, 'links', 'linked.safetensors');
    await symlink('../model.safetensors', link);
    const linked = await workspace.open(link);
    await linked.edit({ kind: 'fill', select: 'mask', value: '1' });
    await linked.save();
    expect([...((await readSafetensors(path)).tensors.get('mask')?.bytes ?? [])]).toEqual([1, 1, 1, 1]);
    expect((await stat(path)).mode & 0o7777).toBe(0o640);
    expect(await readdir(join(folder, 'links'))).toEqual(['linked.safetensors']);
  });

  test('a document without a file of its own wants Save as', async () => {
    const { path, workspace, document } = await openSmall();
    await workspace.closeDocument(document.id);
    const scratch = await workspace.open(path, { name: 'upload.safetensors', savable: false });
    expect(scratch.summary()).toMatchObject({ name: 'upload.safetensors', savable: false });
    await expect(scratch.save()).rejects.toThrow(InvalidStateError);
  });

  test('a cancelled save leaves the file and no trace', async () => {
    const { document, path, original, folder } = await openSmall();
    await document.edit({ kind: 'cast', select: '*', dtype: 'float64' });
    await expect(document.save({ signal: AbortSignal.abort() })).rejects.toThrow(CancelledError);
    expect(await readFile(path)).toEqual(original);
    expect(await visibleAndHidden(folder)).toEqual(['model.safetensors']);
    expect(document.summary().dirty).toBe(true);
  });

  test('removes what a dead process left half written', async () => {
    const { document, path, folder } = await openSmall();
    const stale = join(folder, '.model.safetensors.parascope-4194303-00ff00ff00ff.tmp');
    await writeFile(stale, 'half');
    await document.edit({ kind: 'fill', select: 'mask', value: '0' });
    await document.save();
    expect(await visibleAndHidden(folder)).toEqual(['model.safetensors']);
    expect((await readSafetensors(path)).tensors.size).toBe(4);
  });
});

describe('a file that changed under the document', () => {
  test('is not overwritten without a question', async () => {
    const { document, path } = await openSmall();
    await document.edit({ kind: 'fill', select: 'mask', value: '0' });
    const other = safetensorsBytes([{ name: 'other', dtype: 'F32', shape: [1], bytes: float32(9) }]);
    await writeFile(path, other);
    await expect(document.save()).rejects.toThrow(FileChangedError);
    expect(await readFile(path)).toEqual(other);
    expect(document.summary()).toMatchObject({ disk: 'changed', dirty: true });
  });

  test('overwriting does the edits again on the file as it is now', async () => {
    const { document, path, original } = await openSmall();
    await document.edit({ kind: 'fill', select: 'mask', value: '0' });
    const retrained = Buffer.from(original);
    retrained.writeFloatLE(100, original.indexOf(Buffer.from(float32(4))));
    await writeFile(path, retrained);
    await document.save({ overwriteChanged: true });
    const { tensors } = await readSafetensors(path);
    expect(float32Values(tensors.get('layer.0.weight')?.bytes ?? new Uint8Array())).toEqual([1, 2, 3, 100, 5, 6]);
    expect([...(tensors.get('mask')?.bytes ?? [])]).toEqual([0, 0, 0, 0]);
    expect(document.summary()).toMatchObject({ disk: 'same', dirty: false });
  });

  test('edits that do not fit it any more are kept, and the file too', async () => {
    const { document, path } = await openSmall();
    await document.edit({ kind: 'fill', select: 'mask', value: '0' });
    const other = safetensorsBytes([{ name: 'other', dtype: 'F32', shape: [1], bytes: float32(9) }]);
    await writeFile(path, other);
    await expect(document.save({ overwriteChanged: true })).rejects.toThrow(/does not fit the file any more/);
    expect(await readFile(path)).toEqual(other);
    expect(document.summary().dirty).toBe(true);
    expect(namesOf(document)).toContain('mask');
  });

  test('reload drops the edits and shows what is there', async () => {
    const { document, path } = await openSmall();
    await document.edit({ kind: 'delete', select: 'mask' });
    await writeFile(path, safetensorsBytes([{ name: 'other', dtype: 'F32', shape: [1], bytes: float32(9) }]));
    await document.reload();
    expect(namesOf(document)).toEqual(['other']);
    expect(document.summary()).toMatchObject({ dirty: false, disk: 'same' });
  });

  test('a missing file is said to be missing, and its return is noticed', async () => {
    const { document, path, original, workspace } = await openSmall();
    const states: string[] = [];
    workspace.subscribe((event) => {
      if (event.type === 'document') states.push(event.document.disk);
    });
    const { mtime, atime } = await stat(path);
    await rm(path);
    await expect.poll(() => document.summary().disk, { timeout: 10_000 }).toBe('missing');
    await expect(document.save()).rejects.toThrow(/was moved or deleted/);
    await writeFile(path, original);
    await utimes(path, atime, mtime);
    await expect.poll(() => document.summary().disk, { timeout: 10_000 }).not.toBe('missing');
    expect(states).toContain('missing');
  });
});

describe('save as and export', () => {
  test('an unedited document is copied byte for byte', async () => {
    const { document, original, folder } = await openSmall();
    const copy = join(folder, 'copy.safetensors');
    await document.exportTo(copy);
    expect(await readFile(copy)).toEqual(original);
    expect(document.path).not.toBe(copy);
  });

  test('save as moves the document to the new file', async () => {
    const { document, path, original, folder } = await openSmall();
    await document.edit({ kind: 'rename', from: 'mask', to: 'gate' });
    const copy = join(folder, 'copy.safetensors');
    await document.saveAs(copy);
    expect(await readFile(path)).toEqual(original);
    expect(document.path).toBe(copy);
    expect(document.summary()).toMatchObject({ name: 'copy.safetensors', dirty: false, savable: true });
    await document.edit({ kind: 'rename', from: 'gate', to: 'mask' });
    await document.save();
    expect(await readFile(copy)).toEqual(original);
  });

  test('export keeps the edits unsaved', async () => {
    const { document, folder } = await openSmall();
    await document.edit({ kind: 'delete', select: 'mask' });
    await document.exportTo(join(folder, 'copy.safetensors'));
    expect(document.summary()).toMatchObject({ dirty: true, undo: 'Delete mask' });
    await expect(document.exportTo(document.path)).rejects.toThrow(InvalidArgumentError);
  });

  test('a folder that is not there, and a folder as target, are refused', async () => {
    const { document, folder } = await openSmall();
    await expect(document.saveAs(join(folder, 'nowhere', 'a.safetensors'))).rejects.toThrow(SaveFailedError);
    await mkdir(join(folder, 'somewhere'));
    await expect(document.saveAs(join(folder, 'somewhere'))).rejects.toThrow(SaveFailedError);
  });

  test('a document that stands on the overwritten file is told', async () => {
    const { document, folder, workspace } = await openSmall();
    const second = join(folder, 'second.safetensors');
    await document.exportTo(second);
    const other = await workspace.open(second);
    await document.edit({ kind: 'delete', select: 'mask' });
    await document.saveAs(second);
    expect(other.summary().disk).toBe('changed');
    expect(document.summary().disk).toBe('same');
  });
});

describe('in place', () => {
  test('patches the file itself', async () => {
    const { document, path, folder } = await openSmall();
    const before = await stat(path);
    await document.edit({ kind: 'set', name: 'layer.0.bias', slice: '-1', values: ['8'] });
    expect(await document.save({ inPlace: true })).toEqual({
      plan: 'in-place',
      bytesWritten: 4,
      files: ['model.safetensors'],
    });
    expect((await stat(path)).ino).toBe(before.ino);
    const { tensors } = await readSafetensors(path);
    expect(float32Values(tensors.get('layer.0.bias')?.bytes ?? new Uint8Array())).toEqual([0.5, -0.5, 8]);
    expect(await visibleAndHidden(folder)).toEqual(['model.safetensors']);
    await document.edit({ kind: 'scale', select: 'layer.0.bias', factor: 2 });
    expect((await document.save({ inPlace: true })).plan).toBe('in-place');
  });

  test('falls back to a new file where tensors move', async () => {
    const { document } = await openSmall();
    await document.edit({ kind: 'cast', select: 'layer.*', dtype: 'float64' });
    expect((await document.save({ inPlace: true })).plan).toBe('rewrite');
  });
});

test('a file open already is not opened twice', async () => {
  const { document, path, workspace } = await openSmall();
  expect((await workspace.open(path)).id).toBe(document.id);
  const [a, b] = await Promise.all([workspace.open(path), workspace.open(path)]);
  expect(a).toBe(b);
});

test('files under the same name in two workspaces stay whole', async () => {
  const folder = await scratchFolder();
  const path = join(folder, 'model.safetensors');
  await writeFile(path, safetensorsBytes([{ name: 'a', dtype: 'F32', shape: [1], bytes: float32(1) }], SMALL_METADATA));
  const first = await openWorkspace(folder).open(path);
  const second = await openWorkspace(folder).open(path);
  expect(second.summary().warnings).toEqual([expect.stringContaining('is open in another window or process')]);
  await first.edit({ kind: 'fill', select: 'a', value: '2' });
  await second.edit({ kind: 'fill', select: 'a', value: '3' });
  await first.save();
  await expect(second.save()).rejects.toThrow(FileChangedError);
  expect(float32Values((await readSafetensors(path)).tensors.get('a')?.bytes ?? new Uint8Array())).toEqual([2]);
});
