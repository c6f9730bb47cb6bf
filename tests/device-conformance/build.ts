import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const here = fileURLToPath(new URL('.', import.meta.url));
/** Within the project, so that Node finds the packages. */
const OUTPUT = join(here, '..', 'output', 'device-conformance');

/** The suite as one script of a page, with TensorFlow.js and all. Returns its path. */
export async function buildPage(): Promise<string> {
  await build({
    configFile: false,
    root: here,
    logLevel: 'warn',
    build: {
      outDir: join(OUTPUT, 'page'),
      emptyOutDir: true,
      minify: false,
      rolldownOptions: { input: join(here, 'page.ts'), output: { entryFileNames: 'page.js', codeSplitting: false } },
    },
  });
  return join(OUTPUT, 'page', 'page.js');
}

/** The suite as a module for Node, with packages as they are installed. Returns its path. */
export async function buildNode(): Promise<string> {
  await build({
    configFile: false,
    root: here,
    logLevel: 'warn',
    build: {
      ssr: join(here, 'node.ts'),
      outDir: join(OUTPUT, 'node'),
      emptyOutDir: true,
      rolldownOptions: { output: { entryFileNames: 'node.mjs' } },
    },
  });
  return join(OUTPUT, 'node', 'node.mjs');
}
