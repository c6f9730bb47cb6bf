import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Roots } from '../../../cli/serve/roots.ts';

let folder: string;
let roots: Roots;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'parascope-roots-')));
  for (const name of ['root/models', 'root/.hidden', 'outside', 'root-twin']) {
    await mkdir(join(folder, name), { recursive: true });
  }
  for (const name of [
    'root/b10.safetensors',
    'root/b9.safetensors',
    'root/readme.md',
    'root/.secret.safetensors',
    'root/models/m.safetensors',
    'root/models/m.safetensors.index.json',
    'root/.hidden/h.safetensors',
    'outside/o.safetensors',
    'root-twin/t.safetensors',
  ]) {
    await writeFile(join(folder, name), name);
  }
  await symlink('models/m.safetensors', join(folder, 'root/inside.safetensors'));
  await symlink('../outside/o.safetensors', join(folder, 'root/escape.safetensors'));
  await symlink('../outside', join(folder, 'root/escape'));
  await symlink('../root/b9.safetensors', join(folder, 'outside/back.safetensors'));
  await symlink('../outside/new.safetensors', join(folder, 'root/dangling.safetensors'));
  await symlink('loop.safetensors', join(folder, 'root/loop.safetensors'));
  execFileSync('mkfifo', [join(folder, 'root/pipe.safetensors')]);
  roots = await Roots.of([join(folder, 'root')]);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const at = (name: string) => join(folder, name);

describe('listing a folder', () => {
  it('shows folders first, then files by name, without hidden ones and without links that lead outside', async () => {
    const { entries, complete } = await roots.list('root-1', '');
    expect(complete).toBe(true);
    expect(entries.map(({ name, kind, openable }) => [name, kind, openable])).toEqual([
      ['models', 'folder', false],
      ['b9.safetensors', 'file', true],
      ['b10.safetensors', 'file', true],
      ['inside.safetensors', 'file', true],
      ['readme.md', 'file', false],
    ]);
    expect(entries[1]).toMatchObject({ size: 'root/b9.safetensors'.length, modifiedAt: expect.any(Number) });
  });

  it('tells when there is more than can be shown', async () => {
    await Promise.all(Array.from({ length: 10_050 }, (_, i) => writeFile(at(`root/models/f${i}`), '')));
    const { entries, complete } = await roots.list('root-1', 'models');
    expect(entries).toHaveLength(10_000);
    expect(complete).toBe(false);
  });

  it.each([
    ['..', /not a plain path/],
    ['models/../..', /not a plain path/],
    ['/', /not a plain path/],
    ['.hidden', /Hidden/],
    ['escape', /leads outside root/],
    ['absent', /The folder absent does not exist/],
    ['b9.safetensors', /not a folder/],
  ])('refuses %s', async (path, message) => {
    await expect(roots.list('root-1', path)).rejects.toThrow(message);
  });
});

describe('opening a file', () => {
  it('follows links that stay inside, and keeps the place of the link, beside which shards lie', async () => {
    const file = await roots.resolveForReading('root-1', 'inside.safetensors');
    expect(file).toEqual({ path: at('root/inside.safetensors'), name: 'inside.safetensors', savable: true });
  });

  it.each([
    ['../outside/o.safetensors', /not a plain path/],
    ['models/../../outside/o.safetensors', /not a plain path/],
    ['./b9.safetensors', /not a plain path/],
    ['/etc/hostname', /not a plain path/],
    ['b9.safetensors\0.md', /not a plain path/],
    ['..', /not a plain path/],
    ['../root-twin/t.safetensors', /not a plain path/],
    ['.secret.safetensors', /Hidden/],
    ['.hidden/h.safetensors', /Hidden/],
    ['escape.safetensors', /leads outside root/],
    ['escape/o.safetensors', /leads outside root/],
    ['escape/back.safetensors', /leads outside root/],
    ['dangling.safetensors', /does not exist/],
    ['loop.safetensors', /links lead in a circle/],
    ['pipe.safetensors', /not an ordinary file/],
    ['models', /is a folder/],
    ['absent.safetensors', /absent\.safetensors does not exist/],
  ])('refuses %s', async (path, message) => {
    await expect(roots.resolveForReading('root-1', path)).rejects.toThrow(message);
    await expect(roots.resolveForReading('root-1', path)).rejects.toMatchObject({ code: 'FILE_ACCESS' });
  });

  it('refuses a root that was never served', async () => {
    await expect(roots.resolveForReading('root-2', 'b9.safetensors')).rejects.toThrow(/no served folder root-2/);
  });
});

describe('saving a file', () => {
  it('allows a new name in a folder that exists, and an existing file', async () => {
    expect((await roots.resolveForWriting('root-1', 'models/new.safetensors')).path).toBe(
      at('root/models/new.safetensors'),
    );
    expect((await roots.resolveForWriting('root-1', 'inside.safetensors')).path).toBe(at('root/inside.safetensors'));
    expect((await roots.resolveForWriting('root-1', 'new.params')).path).toBe(at('root/new.params'));
  });

  it.each([
    ['escape.safetensors', /leads outside root/],
    ['escape/new.safetensors', /leads outside root/],
    ['escape/back.safetensors', /leads outside root/],
    ['dangling.safetensors', /does not exist/],
    ['../outside/new.safetensors', /not a plain path/],
    ['.bashrc', /Hidden/],
    ['run.sh', /must end in \.safetensors/],
    ['absent/new.safetensors', /does not exist/],
    ['pipe.safetensors', /not an ordinary file/],
    ['models', /not an ordinary file/],
  ])('refuses %s', async (path, message) => {
    await expect(roots.resolveForWriting('root-1', path)).rejects.toThrow(message);
  });
});

describe('a recent file', () => {
  it('is found under its root only where it is visible there', () => {
    const root = { id: 'root-1', name: 'root' };
    expect(roots.locate(at('root/models/m.safetensors'))).toEqual({ root, path: 'models/m.safetensors' });
    expect(roots.locate(at('root/.hidden/h.safetensors'))).toBeNull();
    expect(roots.locate(at('root-twin/t.safetensors'))).toBeNull();
    expect(roots.locate(at('outside/o.safetensors'))).toBeNull();
  });
});
