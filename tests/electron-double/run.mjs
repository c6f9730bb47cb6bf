/**
 * `node tests/electron-double/run.mjs [FILE…]`, in the repository's folder: the built desktop shell
 * (dist/electron/main) on the double of Electron. Tests alone start it.
 */
import { existsSync } from 'node:fs';
import { register } from 'node:module';

const double = new URL('../output/electron-double/index.js', import.meta.url).href;
const main = new URL('../../dist/electron/main/index.js', import.meta.url).href;

if (!existsSync(new URL(double))) {
  const { buildDouble } = await import('./build.mjs');
  await buildDouble();
}
register('./hooks.mjs', import.meta.url, { data: { url: double } });
const { runOnDouble } = await import(double);
await runOnDouble(() => import(main));
