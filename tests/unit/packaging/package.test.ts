import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { extractAll, listPackage } from '@electron/asar';
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { moduleGraph } from './module-graph.ts';
import { packApp } from './pack.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
/** Apart from Electron's own: today 16 MB, of which TensorFlow.js has 7 and HDF5 has 4. */
const MOST_BYTES = 24_000_000;
/** How the binary spells an enabled fuse. */
const FUSE_ON = '1'.charCodeAt(0);

let folder: string;
let app: string;
let archive: string;
let extracted: string;
let packed: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parascope-package-'));
  if (!existsSync(join(root, 'dist/electron/gpu-window/index.html'))) {
    execFileSync('npm', ['run', '--silent', 'build:pages'], { cwd: root, stdio: 'pipe' });
  }
  app = await packApp(root, folder);
  archive = join(app, 'resources/app.asar');
  packed = listPackage(archive, { isPack: false }).map((path) => path.replaceAll('\\', '/'));
  extracted = join(folder, 'extracted');
  extractAll(archive, extracted);
}, 240_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the packed app', () => {
  it('holds the program, its pages, its licences and the packages that it loads, and nothing else', () => {
    const places = new Set(packed.map((path) => path.split('/').slice(1, 3).join('/')));
    expect([...places].filter((place) => !place.startsWith('node_modules')).sort()).toEqual([
      'LICENSE',
      'THIRD_PARTY_NOTICES.md',
      'assets',
      'assets/icons',
      'assets/sample.safetensors',
      'dist',
      'dist/core',
      'dist/electron',
      'dist/renderer',
      'package.json',
    ]);
    expect([...places].filter((place) => place.startsWith('node_modules/')).sort()).toEqual([
      'node_modules/@tensorflow',
      'node_modules/@trpc',
      'node_modules/long',
      'node_modules/seedrandom',
      'node_modules/zod',
    ]);
  });

  it.each([
    ['sources', /\.tsx?$|\.d\.[cm]ts$/],
    ['source maps', /\.map$/],
    ['tests', /(?:^|\/)(?:tests?|__tests__|spec|fixtures)\/|[._](?:test|spec)\.[cm]?js$/],
    ['bundles for other hosts', /\.(?:min|es2017|fesm|umd)\.js$/],
    ['native code of any platform', /\.(?:node|dll|so|dylib|exe)$/],
    ['the command line, which runs on plain Node', /^\/dist\/cli\//],
    ["Dawn's process, which runs on plain Node", /gpu\.process\.js$|node_modules\/webgpu/],
    ['configuration and scripts', /\/(?:biome|tsconfig|vitest)[^/]*$|^\/scripts|electron-builder/],
  ])('holds no %s', (_case, pattern) => {
    expect(packed.filter((path) => pattern.test(path))).toEqual([]);
  });

  it('is small', () => {
    expect(statSync(archive).size).toBeLessThan(MOST_BYTES);
  });

  it('has its fuses set', async () => {
    const wire = await getCurrentFuseWire(join(app, 'parascope'));
    const on = Object.values(FuseV1Options).filter((fuse) => typeof fuse === 'number' && wire[fuse] === FUSE_ON);
    expect(on.map((fuse) => FuseV1Options[fuse as FuseV1Options])).toEqual([
      'EnableCookieEncryption',
      'EnableEmbeddedAsarIntegrityValidation',
      'OnlyLoadAppFromAsar',
    ]);
  });

  it('has the sample as a file of its own', () => {
    expect(statSync(join(app, 'resources/app.asar.unpacked/assets/sample.safetensors')).size).toBeGreaterThan(0);
  });

  it('has a manifest that names its entry, without what only developers need', () => {
    const manifest = JSON.parse(readFileSync(join(extracted, 'package.json'), 'utf8'));
    expect(existsSync(join(extracted, manifest.main))).toBe(true);
    expect(manifest.devDependencies).toBeUndefined();
    expect(manifest.scripts).toBeUndefined();
  });
});

describe('what the packed main process imports', () => {
  /** What only plain Node starts; Electron's main process gives the runtime a window in its place. */
  const OF_PLAIN_NODE = ['dist/core/device/gpu.process.js'];

  it('is inside, workers and kernels included', () => {
    const { files, packages, missing } = moduleGraph(join(extracted, 'dist/electron/main/index.js'));
    expect(missing.map((path) => relative(extracted, path)).filter((path) => !OF_PLAIN_NODE.includes(path))).toEqual(
      [],
    );
    const reached = [...files].map((path) => relative(extracted, path));
    expect(reached).toEqual(expect.arrayContaining(['dist/core/device/cpu.worker.js']));
    for (const [name, importer] of packages) {
      expect(existsSync(join(extracted, 'node_modules', name, 'package.json')), `${name} of ${importer}`).toBe(true);
    }
  });

  it('works: the sample opens, is measured by the kernels, and is loaded onto a device', async () => {
    const script = join(extracted, 'smoke.mjs');
    await writeFile(
      script,
      `import { createWorkspace } from './dist/core/workspace/workspace.js';
      import './dist/core/api/router.js';
      const workspace = createWorkspace({ stateDirectory: process.argv[2], threads: 1 });
      const document = await workspace.open(process.argv[3], { savable: false });
      const [id] = document.listing().ids;
      const { count } = await workspace.engine.stats(document.lazy(id));
      const { status, copies } = await document.parameters.load(id);
      console.log(JSON.stringify({ count, status, devices: copies.map(({ device }) => device) }));
      await workspace.close();`,
    );
    const sample = join(app, 'resources/app.asar.unpacked/assets/sample.safetensors');
    const out = execFileSync(process.execPath, [script, join(folder, 'state'), sample], { encoding: 'utf8' });
    expect(JSON.parse(out)).toMatchObject({ status: 'initialized', devices: ['cpu(0)'] });
    expect(JSON.parse(out).count).toBeGreaterThan(0);
  });
});
