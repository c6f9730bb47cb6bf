import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const root = fileURLToPath(new URL('.', import.meta.url));

/** The page of the hidden GPU window: the device worker with TensorFlow.js, as one static page. */
export default defineConfig({
  root: resolve(root, 'electron/gpu-window'),
  base: './',
  publicDir: false,
  build: {
    outDir: resolve(root, 'dist/electron/gpu-window'),
    emptyOutDir: true,
    target: 'esnext',
    // One script of 1.5 MB from the same disk loads in a moment.
    chunkSizeWarningLimit: 4096,
    modulePreload: false,
  },
});
