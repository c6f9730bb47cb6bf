/**
 * For a bundle of what tsc wrote, as CommonJS in one flat folder: modules name files beside themselves (workers, kernels,
 * the manifest) by `new URL('…', import.meta.url)`, and those are to be found from where the bundle lies.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, relative, resolve, sep } from 'node:path';

const PLACED = /new URL\(\s*(['"])(\.[^'"]+)\1,\s*import\.meta\.url\s*\)/g;

/** `outDir` absolute; `later` are absolute paths of what other builds put there. The build fails over any other file that is not. */
export function placedFiles(outDir, later = []) {
  return {
    name: 'placed-files',
    load(id) {
      const map = `${id}.map`;
      return existsSync(map) ? { code: readFileSync(id, 'utf8'), map: readFileSync(map, 'utf8') } : null;
    },
    transform(code, id) {
      if (!code.includes('import.meta') || id.includes('node_modules')) return null;
      const placed = code.replace(PLACED, (_all, _quote, path) => {
        const file = resolve(dirname(id), path);
        if (!existsSync(file) && !later.includes(file)) this.error(`${id} names ${file}, which is not there.`);
        return `placedFile(__dirname + ${JSON.stringify(`/${relative(outDir, file).split(sep).join('/')}`)})`;
      });
      if (placed.includes('import.meta')) this.error(`${id} asks for import.meta, which CommonJS has not.`);
      return { code: `${placed}\nimport { pathToFileURL as placedFile } from 'node:url';\n`, map: null };
    },
  };
}
