import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { copyTensors } from '../../../core/workspace/copy-tensors.ts';
import type { SingleEdit } from '../../../core/workspace/edits.ts';
import { namesOf, openSmall, openWorkspace, SMALL, safetensorsBytes } from './support.ts';

const W = 'layer.0.weight';

describe('a batch of edits', () => {
  test('is one step: each edit stands on those before it, and undo takes all of them back', async () => {
    const { document, path, original } = await openSmall();
    const edits: SingleEdit[] = [
      { kind: 'rename', from: 'mask', to: 'gate' },
      { kind: 'slice', name: 'gate', slice: ':2', to: 'half' },
      { kind: 'cast', select: 'half', dtype: 'int32' },
      { kind: 'metadata', key: 'author', value: null },
      { kind: 'metadata', key: 'author', value: 'us' },
    ];
    await document.edit({ kind: 'batch', label: 'Prepare the gate', edits });
    expect(document.history()).toEqual([{ label: 'Prepare the gate', tensors: 2, done: true }]);
    expect(namesOf(document)).toEqual([W, 'layer.0.bias', 'steps', 'gate', 'half']);
    expect(document.summary().metadata).toEqual({ format: 'pt', author: 'us' });
    await document.undo();
    expect(namesOf(document)).toEqual([W, 'layer.0.bias', 'steps', 'mask']);
    expect(document.summary().metadata).toEqual({ format: 'pt', author: 'somebody' });
    expect(await document.planSave()).toMatchObject({ action: 'none' });
    expect(await readFile(path)).toEqual(original);
    await document.redo();
    expect(namesOf(document)).toContain('half');
  });

  test('leaves new tensors where its edits put them, also behind one that went again', async () => {
    const { document } = await openSmall();
    const edits: SingleEdit[] = [
      { kind: 'slice', name: W, slice: '0', to: 'passing' },
      { kind: 'slice', name: 'passing', slice: ':1', to: 'lasting' },
      { kind: 'delete', select: 'passing' },
    ];
    await document.edit({ kind: 'batch', edits });
    expect(namesOf(document)).toEqual([W, 'lasting', 'layer.0.bias', 'steps', 'mask']);
    expect(document.history()).toMatchObject([{ label: '3 edits', tensors: 1 }]);
  });

  test('of which one cannot be made is not made, and the message says which', async () => {
    const { document } = await openSmall();
    const before = { summary: document.summary(), listing: document.listing() };
    const edits: SingleEdit[] = [
      { kind: 'rename', from: 'mask', to: 'gate' },
      { kind: 'delete', select: 'mask' },
    ];
    await expect(document.edit({ kind: 'batch', edits })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringMatching(/^Edit 2 of 2 cannot be made: .*'mask'.* None of them was made\.$/),
      details: { edit: 2 },
    });
    expect({ summary: document.summary(), listing: document.listing() }).toEqual(before);
  });

  test('can be made where a new tensor was deleted before', async () => {
    const { document } = await openSmall();
    await document.edit({ kind: 'slice', name: W, slice: '0', to: 'row' });
    await document.edit({ kind: 'delete', select: 'row' });
    await document.edit({ kind: 'batch', edits: [{ kind: 'rename', from: 'mask', to: 'gate' }] });
    expect(namesOf(document)).toEqual([W, 'layer.0.bias', 'steps', 'gate']);
  });

  test('that copies tensors of another document says from which', async () => {
    const { document, workspace, folder } = await openSmall();
    const path = join(folder, 'donor.safetensors');
    await writeFile(path, safetensorsBytes(SMALL.map((tensor) => ({ ...tensor, name: `donor.${tensor.name}` }))));
    const donor = await workspace.open(path);
    const request = { collision: 'refuse', dtype: 'source', shape: 'source' } as const;
    await copyTensors(document, donor, { ...request, tensors: [0, 1, 3] });
    expect(document.history()).toEqual([{ label: 'Copy 3 tensors from donor.safetensors', tensors: 3, done: true }]);
    await document.undo();
    expect(namesOf(document)).toEqual([W, 'layer.0.bias', 'steps', 'mask']);
  });

  test('comes back from the journal as one step', async () => {
    const { document, path, folder, workspace } = await openSmall();
    const draw: SingleEdit = { kind: 'reinitialize', select: W, initializer: 'normal', arguments: {} };
    await document.edit({ kind: 'batch', edits: [draw, { kind: 'scale', select: W, factor: 2 }] });
    const drawn = await workspace.engine.hash(document.lazy(document.idOf(W)));
    await workspace.close();
    const again = openWorkspace(folder);
    const resumed = await again.open(path);
    await resumed.resume();
    expect(resumed.history()).toHaveLength(1);
    expect(await again.engine.hash(resumed.lazy(resumed.idOf(W)))).toEqual(drawn);
  });
});

test.each([1, 2])('a journal of version %i is still read', async (version) => {
  const { document, path, folder, workspace } = await openSmall();
  await document.edit({ kind: 'rename', from: 'mask', to: 'gate' });
  await workspace.close();
  const journals = join(folder, 'state', 'journals');
  const [name = ''] = (await readdir(journals)).filter((file) => file.endsWith('.jsonl'));
  const text = await readFile(join(journals, name), 'utf8');
  await writeFile(join(journals, name), text.replace('"journal":3', `"journal":${version}`));
  const again = await openWorkspace(folder).open(path);
  await again.resume();
  expect(namesOf(again)).toContain('gate');
});
