import { readFile } from 'node:fs/promises';
import { isAbsolute, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';
import type { Plugin } from 'vite';

const root = fileURLToPath(new URL('.', import.meta.url));

/**
 * The shell imports core as it was built by tsc, never bundled: worker threads and WASM are loaded
 * by URLs relative to those files. dist/ mirrors the source folders, so `../../core/x.ts` becomes
 * `../../core/x.js`.
 */
function builtCore(): Plugin {
  return {
    name: 'built-core',
    enforce: 'pre',
    resolveId(source, importer) {
      if (!importer || !source.startsWith('.')) return null;
      const path = relative(root, resolve(importer, '..', source));
      if (isAbsolute(path) || !/^core[\\/].*\.ts$/.test(path)) return null;
      return { id: resolve(root, path.replace(/\.ts$/, '.js')), external: 'relative' };
    },
  };
}

/** The texts that the window shows lie beside its pages: licences and documentation. */
function texts(): Plugin {
  return {
    name: 'texts',
    apply: 'build',
    async generateBundle() {
      const read = (name: string): Promise<string> => readFile(resolve(root, name), 'utf8');
      const licences = (await Promise.all(['LICENSE', 'THIRD_PARTY_NOTICES.md'].map(read))).join('\n\n');
      this.emitFile({ type: 'asset', fileName: 'licences.txt', source: licences });
      this.emitFile({ type: 'asset', fileName: 'documentation.txt', source: await read('docs/window.md') });
    },
  };
}

export default defineConfig({
  main: {
    plugins: [builtCore()],
    build: {
      outDir: 'dist/electron/main',
      sourcemap: true,
      rolldownOptions: { input: resolve(root, 'electron/main/index.ts'), output: { entryFileNames: '[name].js' } },
    },
  },
  preload: {
    build: {
      outDir: 'dist/electron/preload',
      // A sandboxed preload can require nothing but Electron's own parts and cannot be an ES module.
      externalizeDeps: false,
      rolldownOptions: {
        input: { index: resolve(root, 'electron/preload/index.ts'), gpu: resolve(root, 'electron/preload/gpu.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: resolve(root, 'renderer'),
    plugins: [react(), texts()],
    build: {
      outDir: resolve(root, 'dist/renderer'),
      emptyOutDir: true,
      // electron-vite leaves it off; these pages also travel over the network, from serve to a browser.
      minify: true,
      rolldownOptions: { input: resolve(root, 'renderer/index.html') },
    },
  },
});
