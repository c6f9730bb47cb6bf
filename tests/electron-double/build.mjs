/** Bundles the double into tests/output/electron-double: the main process's module, and the scripts of its pages. */
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const source = (name) => fileURLToPath(new URL(name, import.meta.url));
const outDir = fileURLToPath(new URL('../output/electron-double', import.meta.url));

const shared = { configFile: false, logLevel: 'warn', publicDir: false };

async function pageScript(entry) {
  await build({
    ...shared,
    build: {
      outDir,
      emptyOutDir: false,
      minify: false,
      target: 'esnext',
      lib: {
        entry: source(`page/${entry}.ts`),
        formats: ['iife'],
        name: 'electronDouble',
        fileName: () => `${entry}.js`,
      },
    },
  });
}

export async function buildDouble() {
  await build({
    ...shared,
    build: {
      outDir,
      emptyOutDir: false,
      minify: false,
      target: 'esnext',
      ssr: source('index.ts'),
      sourcemap: true,
      rolldownOptions: { output: { entryFileNames: 'index.js' } },
    },
  });
  await pageScript('main-world');
  await pageScript('isolated');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildDouble();
