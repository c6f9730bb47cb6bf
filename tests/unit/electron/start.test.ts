import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { downloadElectron, findElectron, reasonOf } from '../../../scripts/electron-binary.mjs';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parascope-start-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const installer = (script: string) => writeFile(join(folder, 'install.js'), script);

describe('findElectron', () => {
  it('is null until the binary that path.txt names is there', async () => {
    expect(findElectron(folder, {})).toBeNull();
    await writeFile(join(folder, 'path.txt'), 'electron');
    expect(findElectron(folder, {})).toBeNull();
    await mkdir(join(folder, 'dist'));
    await writeFile(join(folder, 'dist/electron'), '');
    await chmod(join(folder, 'dist/electron'), 0o755);
    expect(findElectron(folder, {})).toBe(join(folder, 'dist/electron'));
  });

  it('looks where the user put a build of their own', async () => {
    await writeFile(join(folder, 'path.txt'), 'electron');
    await writeFile(join(folder, 'electron'), '');
    expect(findElectron(folder, { ELECTRON_OVERRIDE_DIST_PATH: folder })).toBe(join(folder, 'electron'));
  });
});

describe('downloadElectron', () => {
  it('tells in a few words why the installer failed', async () => {
    await installer("console.error('TypeError: fetch failed\\n    at somewhere'); process.exit(1)");
    expect(await downloadElectron(folder)).toBe('fetch failed');
  });

  it('gives up where no byte arrives', async () => {
    await installer('setInterval(() => {}, 1000)');
    expect(await downloadElectron(folder, { firstByteMs: 300 })).toMatch(/^no byte arrived in \d+ s$/);
  });

  it('waits for bytes that arrive, and leaves nothing of its own behind', async () => {
    await installer(`
      const { appendFileSync } = require('node:fs');
      const { join } = require('node:path');
      let left = 4;
      setInterval(() => {
        if (left-- === 0) process.exit(0);
        appendFileSync(join(require('node:os').tmpdir(), 'electron.zip'), 'x'.repeat(1000));
      }, 250);
    `);
    expect(await downloadElectron(folder, { firstByteMs: 20_000, stallMs: 20_000 })).toBeNull();
    expect((await readdir(folder)).sort()).toEqual(['install.js']);
  });
});

describe('reasonOf', () => {
  it.each([
    ['TypeError: fetch failed\n at x', 'fetch failed'],
    ['Error: HTTPError: Response code 403', 'Response code 403'],
    ['\n\ngetaddrinfo ENOTFOUND github.com', 'getaddrinfo ENOTFOUND github.com'],
    ['', 'no reason given'],
  ])('of %j is %j', (errors, reason) => {
    expect(reasonOf(errors)).toBe(reason);
  });
});
