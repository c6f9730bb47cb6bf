import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const page = readFileSync(new URL('../../../docs/library.md', import.meta.url), 'utf8');
const root = fileURLToPath(new URL('../../../', import.meta.url));

/** The page's blocks one after the other, as somebody would type them who follows it. */
const blocks = [...page.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code = '']) => code);

test('the tour of the library runs as it is written', async () => {
  expect(blocks.length).toBeGreaterThan(5);
  const program = `${blocks.join('\n')}\nconsole.log('done');\n`;
  // Run in the package, where its own name leads to what was built.
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], { cwd: root });
  await expect(run).resolves.toMatchObject({ stdout: expect.stringMatching(/done\n$/) });
});
