import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// Beside this module once it is built into tests/output/electron-double/index.js.
const read = (name: string): string => readFileSync(fileURLToPath(new URL(`./${name}`, import.meta.url)), 'utf8');

/** The two scripts that every document of a window runs before its own. */
export function pageScripts(preload: string | null): { readonly mainWorld: string; readonly isolated: string } {
  const wrapped =
    preload === null
      ? ''
      : `globalThis.__electronDoublePreload = function (require, module, exports) {\n${readFileSync(preload, 'utf8')}\n};\n`;
  return { mainWorld: read('main-world.js'), isolated: wrapped + read('isolated.js') };
}
