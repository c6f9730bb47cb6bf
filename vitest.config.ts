import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { findSwiftShader } from './scripts/find-swiftshader.mjs';

const root = fileURLToPath(new URL('.', import.meta.url));

/**
 * Tests of node code run what ships: an import of `core/…ts`, from a test or from `cli`, resolves to the built
 * module, so that worker threads, WASM and exports are the real ones. Of `cli` only the whole ships, in one
 * bundle: tests of its parts run the sources. `npm run build:core` comes first (`npm test` and
 * `npm run test:unit` do it).
 */
function builtModules(): Plugin {
  return {
    name: 'built-modules',
    enforce: 'pre',
    async resolveId(source, importer, options) {
      if (!importer || !source.endsWith('.ts')) return null;
      const resolved = await this.resolve(source, importer, { ...options, skipSelf: true });
      const path = resolved?.id.startsWith(root) ? resolved.id.slice(root.length) : '';
      if (!path.startsWith('core/')) return null;
      const built = `${root}dist/${path.replace(/\.ts$/, '.js')}`;
      if (!existsSync(built)) throw new Error(`${built} is not built: run npm run build:core first.`);
      return { id: built, external: true };
    },
  };
}

/**
 * Specs of the window, run on each host: tests/ui/common where hosts differ below the page, tests/ui/views where the
 * page alone counts, and what one kind of host has for itself.
 */
function windowSuite(host: 'electron' | 'serve' | 'double', folders: readonly string[], order: number) {
  return {
    extends: true as const,
    test: {
      name: `ui-${host}`,
      include: folders.map((folder) => `tests/ui/${folder}/**/*.test.ts`),
      env: { PARASCOPE_UI_HOST: host },
      globalSetup: host === 'double' ? ['tests/electron-double/build-before-tests.ts'] : [],
      testTimeout: 120_000,
      hookTimeout: 60_000,
      expect: { poll: { timeout: 15_000 } },
      // On `serve` specs mostly wait: two at a time fill a small machine. A desktop has one program in front.
      maxWorkers: host === 'serve' ? 2 : 1,
      sequence: { groupOrder: order },
    },
  };
}

/**
 * The tests of what Parameters and Trainers do on several devices, once more on gpus (SwiftShader) and on
 * cpus and gpus by turns. Nothing where SwiftShader is not here.
 */
function deviceSuites() {
  const software = findSwiftShader();
  if (!software) {
    process.stderr.write('*** Skipped: the tests on gpus (SwiftShader is not beside a Chromium here). ***\n');
    return [];
  }
  return ['gpus', 'mixed'].map((places) => ({
    extends: true as const,
    test: {
      name: `unit-${places}`,
      include: [
        'tests/unit/parameter/{autograd,deferred,initialize,initialized,load-init,set-data}.test.ts',
        'tests/unit/trainer/{states,stepping,training}.test.ts',
      ],
      env: { ...software, PARASCOPE_TEST_PLACES: places, PARASCOPE_LOGICAL_GPUS: '6' },
      testTimeout: 60_000,
    },
  }));
}

export default defineConfig({
  plugins: [builtModules()],
  test: {
    pool: 'forks',
    setupFiles: ['tests/property-seed.ts'],
    // One fewer than there are processors, vitest's own choice, leaves half of a small machine idle.
    maxWorkers: Math.max(2, availableParallelism()),
    projects: [
      { extends: true, test: { name: 'unit', include: ['tests/unit/**/*.test.ts'], testTimeout: 30_000 } },
      ...deviceSuites(),
      { extends: true, test: { name: 'fixtures', include: ['tests/fixtures/**/*.test.ts'], testTimeout: 60_000 } },
      { extends: true, test: { name: 'fuzz', include: ['tests/{fuzz,crash}/**/*.test.ts'], testTimeout: 120_000 } },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['tests/e2e/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      windowSuite('serve', ['common', 'views'], 2),
      windowSuite('double', ['common', 'desktop', 'double'], 3),
      windowSuite('electron', ['common', 'views', 'desktop'], 4),
    ],
  },
});
