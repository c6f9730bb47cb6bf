import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const main = join(root, 'dist/electron/main/index.js');
const preloads = ['index', 'gpu'].map((name) => join(root, `dist/electron/preload/${name}.cjs`));
const page = join(root, 'dist/renderer/index.html');

beforeAll(() => {
  // `npm test` has built everything by now. A rebuild here would pull the pages from under the window tests.
  if ([main, ...preloads, page].every((file) => existsSync(file))) return;
  execFileSync('npm', ['run', '--silent', 'build:pages'], { cwd: root, stdio: 'pipe' });
}, 120_000);

const importsOf = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(/^import\s(?:[^;]*?\sfrom\s)?["']([^"']+)["'];/gm)].map(([, id = '']) => id);

describe('the built shell', () => {
  it('imports core as tsc built it, and every such file exists', () => {
    const relative = importsOf(main).filter((id) => id.startsWith('.'));
    expect(relative).toContain('../../core/workspace/workspace.js');
    for (const id of relative) expect(existsSync(resolve(dirname(main), id)), id).toBe(true);
  });

  it('otherwise imports Electron, Node and declared dependencies alone', () => {
    const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    for (const id of importsOf(main).filter((id) => !id.startsWith('.'))) {
      expect(id === 'electron' || isBuiltin(id) || id in dependencies, id).toBe(true);
    }
  });

  it('is a module that Node can parse, named as main by package.json', () => {
    execFileSync(process.execPath, ['--check', main]);
    expect(resolve(root, JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).main)).toBe(main);
  });

  it.each(preloads)(
    'has a preload that the sandbox can load: CommonJS, nothing required but Electron (%s)',
    (preload) => {
      execFileSync(process.execPath, ['--check', preload]);
      const required = [...readFileSync(preload, 'utf8').matchAll(/require\(["']([^"']+)["']\)/g)].map(([, id]) => id);
      expect(required).toEqual(['electron']);
      expect(readFileSync(main, 'utf8')).toContain(`../preload/${basename(preload)}`);
    },
  );
});

describe('the built page', () => {
  it('keeps within its own content policy: no inline script, style or foreign address', () => {
    const html = readFileSync(page, 'utf8');
    expect(html).not.toMatch(/<script(?![^>]*\ssrc=)[^>]*>/);
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=/);
    expect(html).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  });
});
