import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CLI, runCli, runJson, scratchPath } from './run-cli.ts';

const SAMPLE = 'assets/sample.safetensors';

/** How many worker threads a command line starts. */
function threadsOf(...words: string[]): number {
  const hook = scratchPath('count-workers.cjs');
  writeFileSync(
    hook,
    `const threads = require('node:worker_threads');
    if (threads.isMainThread) {
      let count = 0;
      threads.Worker = class extends threads.Worker { constructor(...of) { super(...of); count++; } };
      process.once('exit', () => process.stderr.write(String(count)));
    }`,
  );
  const { status, stderr } = spawnSync(process.execPath, ['--require', hook, CLI, ...words], { encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  return Number(stderr);
}

test.each([['stats', '--no-cache'], ['hash']])(
  '%s computes on as many threads as --threads says',
  (command, ...options) => {
    for (const threads of [1, 3]) {
      expect(threadsOf(command, SAMPLE, ...options, '--threads', String(threads))).toBe(threads);
    }
  },
);

test('what is found does not depend on the number of threads', () => {
  const found = (threads: number) => runJson(['stats', SAMPLE, '--no-cache', '--threads', String(threads)]);
  expect(found(1)).toEqual(found(4));
});

test.each(['0', '65', '1.5', 'all'])('--threads %s is wrong usage', (threads) => {
  const { status, stderr } = runCli('diff', SAMPLE, SAMPLE, '--threads', threads);
  expect(status).toBe(2);
  expect(stderr).toContain(`--threads wants a whole number from 1 to 64, not '${threads}'.`);
});

test('edit and convert take it too', () => {
  const scaled = scratchPath('scaled.safetensors');
  expect(runCli('edit', SAMPLE, '-o', scaled, '--scale', 'logit_scale=2', '--threads', '2').status).toBe(0);
  expect(runCli('convert', scaled, scratchPath('scaled.npz'), '--threads', '1').status).toBe(0);
});
