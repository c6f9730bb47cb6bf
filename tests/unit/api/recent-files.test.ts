import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RecentFiles } from '../../../core/api/recent-files.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parascope-recent-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const pathsOf = async (recent: RecentFiles) => (await recent.list()).map(({ path }) => path);

describe('recent files', () => {
  it('are newest first, without repetition, at most twenty', async () => {
    const recent = new RecentFiles(folder);
    await Promise.all(Array.from({ length: 25 }, (_, i) => recent.add(`/m${i}`)));
    await recent.add('/m20');
    const paths = await pathsOf(recent);
    expect(paths).toHaveLength(20);
    expect(paths.slice(0, 3)).toEqual(['/m20', '/m24', '/m23']);
  });

  it('are kept across runs, readable by their user alone, with nothing else left in the folder', async () => {
    await new RecentFiles(join(folder, 'state')).add('/a');
    expect(await pathsOf(new RecentFiles(join(folder, 'state')))).toEqual(['/a']);
    expect((await stat(join(folder, 'state/recent.json'))).mode & 0o777).toBe(0o600);
    expect(await readdir(join(folder, 'state'))).toEqual(['recent.json']);
  });

  it.each(['{', '[]', '{"version":2,"files":[]}', '{"version":1,"files":[{"path":7}]}'])(
    'that cannot be understood are set aside, and new ones remembered: %s',
    async (text) => {
      const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
      await writeFile(join(folder, 'recent.json'), text);
      const recent = new RecentFiles(folder);
      await recent.add('/a');
      expect(await pathsOf(recent)).toEqual(['/a']);
      expect(await readFile(join(folder, 'recent.json.damaged'), 'utf8')).toBe(text);
      expect(warn).toHaveBeenCalledOnce();
      warn.mockRestore();
    },
  );
});
