import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** The built command line. */
export const CLI = join(process.cwd(), 'dist/cli/parascope.js');
const scratch = mkdtempSync(join(tmpdir(), 'parascope-cli-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

export interface CliResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built command line as a user would, with a state folder of its own. */
export function runCli(...args: string[]): CliResult {
  return spawnSync(process.execPath, [CLI, ...args], {
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    env: { ...process.env, PARASCOPE_STATE: join(scratch, 'state'), HOME: scratch },
  });
}

/** Runs with `--json` and parses stdout; fails the test with stderr where the status is another. */
export function runJson(args: readonly string[], status = 0): unknown {
  const result = runCli(...args, '--json');
  if (result.status !== status) throw new Error(`status ${result.status}, wanted ${status}: ${result.stderr}`);
  return JSON.parse(result.stdout);
}

/** A path in a folder that the tests of this file share and that is removed afterwards. */
export function scratchPath(name: string): string {
  return join(scratch, name);
}
