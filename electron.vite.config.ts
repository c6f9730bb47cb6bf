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
        input: resolve(root, 'electron/preload/index.ts'),
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: resolve(root, 'renderer'),
    plugins: [react()],
    build: {
      outDir: resolve(root, 'dist/renderer'),
      emptyOutDir: true,
      // electron-vite leaves it off; these pages also travel over the network, from serve to a browser.
      minify: true,
      rolldownOptions: { input: resolve(root, 'renderer/index.html') },
    },
  },
});
