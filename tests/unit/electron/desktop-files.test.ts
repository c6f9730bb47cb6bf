import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openFiles } from '../../../electron/main/open-files.ts';
import { createFakeWorkspace } from '../api/fake-workspace.ts';
import { desktopFiles } from '../api/files.ts';

let folder: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'parascope-desktop-')));
  for (const name of ['sample.safetensors', 'a.safetensors', 'b.safetensors'])
    await writeFile(join(folder, name), name);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const setup = (dialogs = {}) => {
  const workspace = createFakeWorkspace();
  const files = desktopFiles({ workspace, folder, samplePath: join(folder, 'sample.safetensors'), dialogs });
  return { workspace, files };
};

describe('files of the desktop', () => {
  it('come from the open dialog as numbers', async () => {
    const { files } = setup({ chooseFiles: async () => ['a', 'b'].map((name) => join(folder, `${name}.safetensors`)) });
    const refs = (await files.pickForOpening()) ?? [];
    expect(JSON.stringify(refs)).not.toContain(folder);
    const paths = await Promise.all(refs.map(async (ref) => (await files.resolveForReading(ref)).path));
    expect(paths).toEqual([join(folder, 'a.safetensors'), join(folder, 'b.safetensors')]);
  });

  it('are none where a dialog is cancelled', async () => {
    const { files } = setup();
    expect(await files.pickForOpening()).toBeNull();
    expect(await files.pickForSaving('x.safetensors')).toBeNull();
  });

  it('suggest a plain name to the save dialog, and write where the user said', async () => {
    const chooseTarget = vi.fn(async () => join(folder, 'new.safetensors'));
    const { files } = setup({ chooseTarget });
    const ref = await files.pickForSaving('../../etc/new.safetensors');
    expect(chooseTarget).toHaveBeenCalledWith('new.safetensors');
    if (!ref) throw new Error('No target was granted.');
    expect((await files.resolveForWriting(ref)).path).toBe(join(folder, 'new.safetensors'));
    await expect(files.resolveForReading(ref)).rejects.toThrow(/new\.safetensors does not exist/);
  });

  it('never include one that was not granted', async () => {
    const { files } = setup();
    await expect(files.resolveForReading({ kind: 'grant', id: 'guess' })).rejects.toThrow(/Open it again/);
    await expect(files.resolveForReading({ kind: 'root', root: 'r', path: 'etc/passwd' })).rejects.toThrow(
      /no folders/,
    );
    await expect(files.list('r', '')).rejects.toThrow(/no folders/);
    await expect(files.createDownload('x')).rejects.toThrow(/Save as/);
  });

  it('have one number per file, and keep the place of a link, beside which shards lie', async () => {
    const { files } = setup();
    await symlink(join(folder, 'a.safetensors'), join(folder, 'link.safetensors'));
    const direct = await files.grantExisting(join(folder, 'a.safetensors'));
    expect(await files.grantExisting(`${folder}/./a.safetensors`)).toEqual(direct);
    const link = await files.grantExisting(join(folder, 'link.safetensors'));
    expect((await files.resolveForReading(link)).path).toBe(join(folder, 'link.safetensors'));
  });

  it('include the sample, which cannot be saved over and is not remembered', async () => {
    const { files } = setup();
    const { sample } = await files.offered();
    expect((await files.resolveForReading(sample)).savable).toBe(false);
    await expect(files.resolveForWriting(sample)).rejects.toThrow(/cannot be saved over/);
    await files.remember(sample);
    expect((await files.offered()).recent).toEqual([]);
  });

  it('are remembered across runs, newest first, as long as they exist', async () => {
    const first = setup();
    for (const name of ['a.safetensors', 'b.safetensors', 'a.safetensors']) {
      await first.files.remember(await first.files.grantExisting(join(folder, name)));
    }
    const second = setup();
    vi.spyOn(second.workspace, 'recoverable').mockResolvedValue([
      { path: join(folder, 'b.safetensors'), edits: 3, savedAt: '2026-01-01T00:00:00.000Z' },
    ]);
    const { recent } = await second.files.offered();
    expect(recent.map(({ name, unsavedEdits }) => [name, unsavedEdits])).toEqual([
      ['b.safetensors', 3],
      ['a.safetensors', 0],
    ]);
    await rm(join(folder, 'a.safetensors'));
    expect((await second.files.offered()).recent.map(({ name }) => name)).toEqual(['b.safetensors']);
  });

  it('show their folder with the home folder abbreviated', async () => {
    const home = join(homedir(), `.parascope-test-${process.pid}`);
    await mkdir(home, { recursive: true });
    try {
      await writeFile(join(home, 'm.safetensors'), '');
      const { files } = setup();
      await files.remember(await files.grantExisting(join(home, 'm.safetensors')));
      expect((await files.offered()).recent[0]?.where).toBe(`~/.parascope-test-${process.pid}`);
    } finally {
      await rm(home, { recursive: true });
    }
  });
});

describe('openFiles', () => {
  it('opens what it can and reports the rest', async () => {
    const { files, workspace } = setup();
    await writeFile(join(folder, 'broken.safetensors'), '');
    const report = vi.fn();
    const paths = ['absent', 'broken', 'a'].map((name) => join(folder, `${name}.safetensors`));
    const show = vi.fn();
    await openFiles(paths, { workspace, files, report, show });
    expect(show.mock.calls).toEqual([['doc-1']]);
    expect(report.mock.calls.flat()).toEqual([
      'absent.safetensors does not exist. It may have been moved or deleted.',
      'It is broken at byte 8.',
    ]);
    expect(workspace.opened.map(({ options }) => options?.name)).toEqual(['a.safetensors']);
    expect(JSON.parse(await readFile(join(folder, 'recent.json'), 'utf8')).files).toHaveLength(1);
  });
});
