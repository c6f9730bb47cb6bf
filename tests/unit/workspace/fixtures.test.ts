import { chmod, copyFile, mkdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { validFixtures } from '../../fixtures/catalog.ts';
import { namesOf, openWorkspace, scratchFolder } from './support.ts';

const FILES = validFixtures().filter(({ path }) => path.endsWith('.safetensors'));

describe.each(FILES)('$id', ({ path }) => {
  async function copied(): Promise<{ folder: string; own: string; original: Buffer }> {
    const folder = await scratchFolder();
    await mkdir(join(folder, 'model'));
    const own = join(folder, 'model', basename(path));
    await copyFile(path, own);
    await chmod(own, 0o644);
    return { folder, own, original: await readFile(path) };
  }

  test('an unedited copy is the file byte for byte', async () => {
    const { folder, own, original } = await copied();
    const document = await openWorkspace(folder).open(own);
    const copy = join(dirname(own), 'copy.safetensors');
    await document.exportTo(copy);
    expect((await readFile(copy)).equals(original)).toBe(true);
    expect((await document.save()).plan).toBe('none');
  });

  test('renamed, saved, renamed back and saved it is the file byte for byte', async () => {
    const { folder, own, original } = await copied();
    const document = await openWorkspace(folder).open(own);
    const [name] = namesOf(document);
    if (name === undefined) return;
    const other = `another/${name}/é😀"\\ name`;
    await document.edit({ kind: 'rename', from: name, to: other });
    await document.save();
    expect((await readFile(own)).equals(original)).toBe(false);
    await document.edit({ kind: 'rename', from: other, to: name });
    await document.save();
    expect((await readFile(own)).equals(original)).toBe(true);
  });
});
