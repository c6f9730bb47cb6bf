import { spawnSync } from 'node:child_process';

/** What the command line says of a file: the judge of what a window saved. */
export function cli(...args: string[]): Record<string, unknown> {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['dist/cli/parascope.js', ...args, '--json'], {
    encoding: 'utf8',
  });
  if (status !== 0 && status !== 1) throw new Error(stderr);
  return JSON.parse(stdout) as Record<string, unknown>;
}
