import { appendFile, readdir, readFile, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { InvalidStateError } from '../../../core/errors.ts';
import type { Workspace } from '../../../core/workspace/contract.ts';
import type { Edit } from '../../../core/workspace/edits.ts';
import { float32, namesOf, openSmall, openWorkspace, readSafetensors, safetensorsBytes } from './support.ts';

const EDITS: readonly Edit[] = [
  { kind: 'rename', from: 'mask', to: 'gate' },
  { kind: 'fill', select: 'layer.*', value: '2.5' },
  { kind: 'delete', select: 'steps' },
];

/** Edits, undoes the last one, and leaves the rest in the journal. */
async function leaveEdits(): Promise<{ folder: string; path: string; journal: string }> {
  const { folder, path, workspace, document } = await openSmall();
  for (const edit of EDITS) await document.edit(edit);
  await document.undo();
  await workspace.close();
  return { folder, path, journal: await journalFile(folder) };
}

async function journalNames(folder: string): Promise<string[]> {
  return (await readdir(join(folder, 'state', 'journals'))).filter((name) => !name.endsWith('.lock')).sort();
}

async function journalFile(folder: string): Promise<string> {
  const [name = ''] = await journalNames(folder);
  return join(folder, 'state', 'journals', name);
}

async function recovered(folder: string, path: string): Promise<{ workspace: Workspace; names: readonly string[] }> {
  const workspace = openWorkspace(folder);
  const document = await workspace.open(path);
  await document.resume();
  return { workspace, names: namesOf(document) };
}

describe('journal', () => {
  test('appears with the first edit, private to the user, one line per step', async () => {
    const { folder, document } = await openSmall();
    expect(await journalNames(folder)).toEqual([]);
    for (const edit of EDITS) await document.edit(edit);
    await document.undo();
    await document.redo();
    const lines = (await readFile(await journalFile(folder), 'utf8')).trimEnd().split('\n');
    const [header, ...records] = lines.map((line) => JSON.parse(line) as unknown);
    expect(header).toMatchObject({ journal: 3, path: expect.stringContaining('model.safetensors') });
    expect(records).toEqual([...EDITS.map((edit) => ({ edit })), { undo: true }, { redo: true }]);
  });

  test('a failed edit leaves no record', async () => {
    const { folder, document } = await openSmall();
    await expect(document.edit({ kind: 'delete', select: 'nobody' })).rejects.toThrow();
    expect(await journalNames(folder)).toEqual([]);
  });

  test('is offered and replayed by the next run, undone edits left out', async () => {
    const { folder, path } = await leaveEdits();
    const workspace = openWorkspace(folder);
    expect(await workspace.recoverable()).toEqual([{ path, edits: 2, savedAt: expect.any(String) }]);
    const document = await workspace.open(path);
    expect(document.summary()).toMatchObject({ dirty: false, recovery: { edits: 2, fileUnchanged: true } });
    await document.resume();
    expect(document.summary()).toMatchObject({ dirty: true, recovery: null });
    expect(document.history().map(({ label }) => label)).toEqual(['Rename mask to gate', 'Fill 2 tensors with 2.5']);
    await document.save();
    expect([...(await readSafetensors(path)).tensors.keys()].sort()).toEqual([
      'gate',
      'layer.0.bias',
      'layer.0.weight',
      'steps',
    ]);
    expect(await journalNames(folder)).toEqual([]);
  });

  test('goes on behind what was resumed', async () => {
    const { folder, path } = await leaveEdits();
    const workspace = openWorkspace(folder);
    const document = await workspace.open(path);
    await document.resume();
    await document.undo();
    await document.edit({ kind: 'delete', select: 'steps' });
    await workspace.close();
    const { names } = await recovered(folder, path);
    expect(names).toEqual(['layer.0.weight', 'layer.0.bias', 'gate']);
  });

  test('discarding removes it', async () => {
    const { folder, path } = await leaveEdits();
    const workspace = openWorkspace(folder);
    const document = await workspace.open(path);
    await document.discardRecovery();
    expect(document.summary().recovery).toBeNull();
    await expect(document.resume()).rejects.toThrow(InvalidStateError);
    expect(await journalNames(folder)).toEqual([]);
    expect(await workspace.recoverable()).toEqual([]);
  });

  test('new edits beside an offered recovery get a journal of their own', async () => {
    const { folder, path } = await leaveEdits();
    const workspace = openWorkspace(folder);
    const document = await workspace.open(path);
    await document.edit({ kind: 'rename', from: 'steps', to: 'count' });
    expect(await journalNames(folder)).toHaveLength(2);
    await expect(document.resume()).rejects.toThrow(/your own edits/);
    await document.undo();
    await document.edit({ kind: 'metadata', key: 'a', value: 'b' });
    await workspace.close();
    expect((await openWorkspace(folder).recoverable()).map(({ edits }) => edits).sort()).toEqual([1, 2]);
  });

  test('closing with discardEdits, and undoing to nothing, remove it', async () => {
    const { folder, path, workspace, document } = await openSmall();
    await document.edit({ kind: 'delete', select: 'mask' });
    await workspace.closeDocument(document.id, { discardEdits: true });
    expect(await journalNames(folder)).toEqual([]);
    const again = await workspace.open(path);
    await again.edit({ kind: 'delete', select: 'mask' });
    await again.undo();
    await workspace.closeDocument(again.id);
    expect(await journalNames(folder)).toEqual([]);
  });

  test('a state folder that cannot be written is a warning, not a reason to open nothing', async () => {
    const { path, folder, workspace, document } = await openSmall();
    await workspace.closeDocument(document.id);
    // A folder inside a file cannot be made by anybody, root included.
    const unjournaled = await openWorkspace(folder, { stateDirectory: path }).open(path);
    expect(unjournaled.summary().warnings).toEqual([expect.stringContaining('would be lost in a crash')]);
    await unjournaled.edit({ kind: 'delete', select: 'mask' });
    await unjournaled.save();
    expect((await readSafetensors(path)).tensors.has('mask')).toBe(false);
  });

  test('without journaling nothing is written', async () => {
    const { folder, path, workspace, document } = await openSmall();
    await workspace.closeDocument(document.id);
    const quiet = await openWorkspace(folder, { journaling: false, stateDirectory: join(folder, 'none') }).open(path);
    await quiet.edit({ kind: 'delete', select: 'mask' });
    await quiet.save();
    expect(await readdir(folder)).not.toContain('none');
  });
});

describe('what a crash can do to a journal', () => {
  test('a torn last line was never acknowledged and is dropped, wherever it is cut', async () => {
    const { folder, path, journal } = await leaveEdits();
    const whole = await readFile(journal);
    const lastLine = whole.subarray(0, -1).lastIndexOf(0x0a) + 1;
    for (let cut = lastLine; cut < whole.length; cut += 3) {
      await writeFile(journal, whole.subarray(0, cut));
      const { workspace, names } = await recovered(folder, path);
      // Without the last line, the undo, all three edits are done.
      expect(names).toEqual(['layer.0.weight', 'layer.0.bias', 'gate']);
      await workspace.close();
    }
  });

  test('appending after a torn line cuts it off', async () => {
    const { folder, path, journal } = await leaveEdits();
    await appendFile(journal, '{"edit":{"kind":"dele');
    const workspace = openWorkspace(folder);
    const document = await workspace.open(path);
    await document.resume();
    await document.edit({ kind: 'delete', select: 'gate' });
    await workspace.close();
    expect((await recovered(folder, path)).names).toEqual(['layer.0.weight', 'layer.0.bias', 'steps']);
  });

  test('a journal without a whole header holds nothing', async () => {
    const { folder, path, journal } = await leaveEdits();
    await truncate(journal, 10);
    const document = await openWorkspace(folder).open(path);
    expect(document.summary()).toMatchObject({ recovery: null, warnings: [] });
    expect(await journalNames(folder)).toEqual([]);
  });

  test.each([
    ['no JSON', 'rubbish\n'],
    ['an unknown record', '{"explode":true}\n'],
    ['an unknown edit', '{"edit":{"kind":"explode"}}\n'],
    ['an undo of nothing', '{"undo":true}\n{"undo":true}\n{"undo":true}\n'],
    ['a redo of nothing', '{"redo":true}\n{"redo":true}\n'],
  ])('%s: the journal is set aside with a warning and never deleted', async (_, line) => {
    const { folder, path, journal } = await leaveEdits();
    await appendFile(journal, line);
    const content = await readFile(journal);
    const document = await openWorkspace(folder).open(path);
    expect(document.summary().recovery).toBeNull();
    expect(document.summary().warnings).toEqual([expect.stringContaining('is damaged')]);
    expect(await journalNames(folder)).toEqual([expect.stringMatching(/\.damaged$/)]);
    expect(await readFile(`${journal}.damaged`)).toEqual(content);
  });

  test('a lock of a process that is gone is taken over', async () => {
    const { folder, path, journal } = await leaveEdits();
    await writeFile(journal.replace('.jsonl', '.lock'), JSON.stringify({ pid: 4194303, started: '1' }));
    const document = await openWorkspace(folder).open(path);
    expect(document.summary()).toMatchObject({ recovery: { edits: 2 }, warnings: [] });
  });

  test('edits of a file that changed since say so, and are resumed only where they fit', async () => {
    const { folder, path } = await leaveEdits();
    await writeFile(path, safetensorsBytes([{ name: 'other', dtype: 'F32', shape: [1], bytes: float32(1) }]));
    const document = await openWorkspace(folder).open(path);
    expect(document.summary().recovery).toMatchObject({ edits: 2, fileUnchanged: false });
    await expect(document.resume()).rejects.toThrow(/Edit 1 of 2 \(rename\) does not fit the file any more/);
    expect(document.summary()).toMatchObject({ dirty: false, recovery: { edits: 2 } });
    expect(namesOf(document)).toEqual(['other']);
  });

  test('edits whose save went through just before the kill are not offered again', async () => {
    const { folder, path, journal } = await leaveEdits();
    const before = await readFile(journal);
    const workspace = openWorkspace(folder);
    const document = await workspace.open(path);
    await document.resume();
    await document.save();
    await workspace.close();
    const { size, mtimeMs, ino } = await stat(path);
    await writeFile(journal, before);
    await appendFile(journal, `${JSON.stringify({ saving: [{ path, size, mtimeMs, ino }] })}\n`);
    expect(await openWorkspace(folder).recoverable()).toEqual([]);
    expect((await openWorkspace(folder).open(path)).summary().recovery).toBeNull();
    expect(await journalNames(folder)).toEqual([]);
  });

  test('edits whose save did not go through are offered', async () => {
    const { folder, path, journal } = await leaveEdits();
    await appendFile(journal, `${JSON.stringify({ saving: [{ path, size: 1, mtimeMs: 1, ino: 1 }] })}\n`);
    expect((await openWorkspace(folder).open(path)).summary().recovery).toMatchObject({
      edits: 2,
      fileUnchanged: true,
    });
  });

  test('a touched file counts as changed', async () => {
    const { folder, path } = await leaveEdits();
    await utimes(path, 1, 1);
    expect((await openWorkspace(folder).open(path)).summary().recovery).toMatchObject({ fileUnchanged: false });
  });
});
