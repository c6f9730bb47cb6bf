import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import type { Document } from '../../../core/workspace/contract.ts';
import type { EditInput } from '../../../core/workspace/edits.ts';
import { type FileTensor, float32, float32Values, type Opened, openSmall, readSafetensors } from './support.ts';

const TENSORS: readonly FileTensor[] = [
  { name: 'embed', dtype: 'F32', shape: [2, 2], bytes: float32(1, 2, 3, 4) },
  { name: 'head', dtype: 'F32', shape: [2, 2], bytes: float32(5, 6, 7, 8) },
  { name: 'other', dtype: 'F32', shape: [2, 2], bytes: float32(9, 10, 11, 12) },
  { name: 'flat', dtype: 'F32', shape: [4], bytes: float32(0, 0, 0, 0) },
  { name: 'count', dtype: 'I32', shape: [2, 2], bytes: new Uint8Array(16) },
];

async function valuesOf({ workspace }: Pick<Opened, 'workspace'>, document: Document, name: string): Promise<number[]> {
  return float32Values(await workspace.engine.read(document.lazy(document.idOf(name)), 0, 4));
}

async function tiedTo(document: Document, name: string): Promise<readonly string[]> {
  return (await document.detail(document.idOf(name))).tiedTo;
}

/** The same checkpoint as a file that torch.save could have written, in which `head` is `embed`. */
async function openTorch(): Promise<Opened> {
  const opened = await openSmall(TENSORS);
  const { workspace, document, folder } = opened;
  await document.edit({ kind: 'tie', names: ['embed', 'head'] });
  const path = join(folder, 'model.pt');
  await document.exportTo(path);
  return { ...opened, path, original: await readFile(path), document: await workspace.open(path) };
}

describe('a tie', () => {
  test('makes one value of several tensors, that of the first, and can be undone', async () => {
    const opened = await openSmall(TENSORS);
    const { document } = opened;
    await document.edit({ kind: 'tie', names: ['embed', 'head', 'other'] });
    expect(document.history()).toEqual([{ label: 'Tie 2 tensors to embed', tensors: 3, done: true }]);
    expect(await valuesOf(opened, document, 'other')).toEqual([1, 2, 3, 4]);
    expect(await tiedTo(document, 'embed')).toEqual(['head', 'other']);
    await document.undo();
    expect(await valuesOf(opened, document, 'other')).toEqual([9, 10, 11, 12]);
    expect(await tiedTo(document, 'embed')).toEqual([]);
    await document.redo();
    expect(await tiedTo(document, 'head')).toEqual(['embed', 'other']);
  });

  test('takes the edits that the first has, and a tensor leaves the tie that it was in', async () => {
    const opened = await openSmall(TENSORS);
    const { document } = opened;
    await document.edit({ kind: 'tie', names: ['head', 'other'] });
    await document.edit({ kind: 'scale', select: 'embed', factor: 10 });
    await document.edit({ kind: 'tie', names: ['embed', 'other'] });
    await document.edit({ kind: 'fill', select: 'head', value: '0' });
    expect(await valuesOf(opened, document, 'other')).toEqual([10, 20, 30, 40]);
    expect(await tiedTo(document, 'head')).toEqual([]);
  });

  const followed: [EditInput, number[]][] = [
    [{ kind: 'set', name: 'head', slice: '0,0', values: ['-1'] }, [-1, 2, 3, 4]],
    [{ kind: 'scale', select: 'embed', factor: 2 }, [2, 4, 6, 8]],
    [{ kind: 'compute', select: '*d*', expression: 'x + 1' }, [2, 3, 4, 5]],
    [{ kind: 'copy', source: { tensor: 'other' }, name: 'head', collision: 'replace' }, [9, 10, 11, 12]],
    [{ kind: 'transpose', name: 'head' }, [1, 3, 2, 4]],
  ];

  test.each(followed)('moves together: %j', async (edit, expected) => {
    const opened = await openSmall(TENSORS);
    const { document, path } = opened;
    await document.edit({ kind: 'tie', names: ['embed', 'head'] });
    await document.edit(edit);
    expect(await tiedTo(document, 'head')).toEqual(['embed']);
    await document.save();
    const { tensors } = await readSafetensors(path);
    for (const name of ['embed', 'head']) {
      expect(float32Values(tensors.get(name)?.bytes ?? new Uint8Array())).toEqual(expected);
    }
  });

  test.each(followed)('comes apart where the edit says so: %j', async (edit, expected) => {
    const opened = await openSmall(TENSORS);
    const { document } = opened;
    await document.edit({ kind: 'tie', names: ['embed', 'head'] });
    await document.edit({ ...edit, apart: true } as EditInput);
    const named = document.history()[1]?.label.includes('embed') ? 'embed' : 'head';
    expect(await valuesOf(opened, document, named)).toEqual(expected);
    expect(await tiedTo(document, 'embed')).toEqual([]);
  });

  test('draws once for all of its tensors', async () => {
    const opened = await openSmall(TENSORS);
    const { document } = opened;
    await document.edit({ kind: 'tie', names: ['embed', 'head'] });
    await document.edit({ kind: 'reinitialize', select: ['embed', 'head'], initializer: 'normal' });
    expect(await valuesOf(opened, document, 'head')).toEqual(await valuesOf(opened, document, 'embed'));
    expect(await tiedTo(document, 'head')).toEqual(['embed']);
  });

  const refused: [EditInput, RegExp][] = [
    [{ kind: 'tie', names: ['embed', 'embed'] }, /takes two tensors at least/],
    [
      { kind: 'tie', names: ['embed', 'flat'] },
      /'flat' has shape \(4,\) and cannot be tied to 'embed' of shape \(2, 2\)/,
    ],
    [{ kind: 'tie', names: ['embed', 'count'] }, /'count' is int32 .* cast one of them first/],
    [{ kind: 'tie', names: ['embed', 'heat'] }, /Did you mean 'head'/],
    [{ kind: 'untie', select: 'embed' }, /'embed' is not tied to another/],
    [{ kind: 'untie', select: '*' }, /None of the 5 tensors is tied/],
  ];

  test.each(refused)('is refused with the reason: %j', async (edit, reason) => {
    const { document } = await openSmall(TENSORS);
    await expect(document.edit(edit)).rejects.toThrow(reason);
    expect(document.history()).toEqual([]);
  });

  test('of tensors that are tied already is refused', async () => {
    const { document } = await openSmall(TENSORS);
    await document.edit({ kind: 'tie', names: ['embed', 'head'] });
    await expect(document.edit({ kind: 'tie', names: ['head', 'embed'] })).rejects.toThrow(/tied to 'head' already/);
  });

  test('is written as copies where the format has no shared storage, and the plan says how much they take', async () => {
    const { document } = await openSmall(TENSORS);
    await document.edit({ kind: 'tie', names: ['embed', 'head'] });
    expect((await document.planSave()).shared).toEqual([
      { name: 'embed', with: ['head'], stays: false, bytes: 16 },
      { name: 'head', with: ['embed'], stays: false, bytes: 16 },
    ]);
  });
});

describe('a tie in a PyTorch file', () => {
  async function offsets(path: string): Promise<Record<string, number>> {
    const { entries } = await openCheckpoint(path);
    return Object.fromEntries(entries.map(({ name, offset }) => [name, offset]));
  }

  test('is one storage in a new file', async () => {
    const { path, document } = await openTorch();
    const { embed, head, other } = await offsets(path);
    expect(head).toBe(embed);
    expect(other).not.toBe(embed);
    expect(await tiedTo(document, 'head')).toEqual(['embed']);
  });

  test('is one storage after a save over the file', async () => {
    const opened = await openTorch();
    const { path, document } = opened;
    await document.edit({ kind: 'tie', names: ['other', 'head'] });
    await document.edit({ kind: 'scale', select: 'head', factor: 2 });
    expect((await document.planSave()).shared).toMatchObject([
      { name: 'head', with: ['embed'], stays: false, bytes: 16 },
      { name: 'other', with: ['head'], stays: true, bytes: 0 },
    ]);
    await document.save();
    const { embed, head, other } = await offsets(path);
    expect(head).toBe(other);
    expect(embed).not.toBe(other);
    expect(await valuesOf(opened, document, 'head')).toEqual([18, 20, 22, 24]);
    expect(await valuesOf(opened, document, 'embed')).toEqual([1, 2, 3, 4]);
  });

  test('comes apart by an edit of its own; of a tie that goes entirely the first keeps the storage', async () => {
    const opened = await openTorch();
    const { path, document } = opened;
    await document.edit({ kind: 'untie', select: '*e*' });
    expect(document.history()).toEqual([{ label: 'Untie head', tensors: 1, done: true }]);
    expect(await tiedTo(document, 'embed')).toEqual([]);
    await document.edit({ kind: 'set', name: 'head', slice: '0,0', values: ['-1'] });
    await document.save();
    const { embed, head } = await offsets(path);
    expect(head).not.toBe(embed);
    expect(await valuesOf(opened, document, 'head')).toEqual([-1, 2, 3, 4]);
    expect(await valuesOf(opened, document, 'embed')).toEqual([1, 2, 3, 4]);
  });
});
