/**
 * How long commands on small files take as whole processes, beside a Node that does nothing, by turns. Exits with 1
 * where `inspect` needs more than 45 ms beyond that. `npm run build:core && node tests/bench/start.mjs [ROUNDS]`
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const CLI = 'dist/cli/parascope.js';
const SAMPLE = 'assets/sample.safetensors';
const MOST_OVER_NODE_MS = 45;

const rounds = Number(process.argv[2] ?? 15);
const folder = mkdtempSync(join(tmpdir(), 'parascope-start-'));
const other = join(folder, 'other.safetensors');

function run(...words) {
  const started = performance.now();
  const env = { ...process.env, PARASCOPE_STATE: join(folder, 'state') };
  const { status, stderr } = spawnSync(process.execPath, words, { env, maxBuffer: 2 ** 28 });
  if (status === null || status > 1) throw new Error(`${words.join(' ')}: ${stderr}`);
  return performance.now() - started;
}

const contestants = [
  ['node -e 0', ['-e', '0']],
  ['--version', [CLI, '--version']],
  ['inspect', [CLI, 'inspect', SAMPLE]],
  ['stats --no-cache', [CLI, 'stats', SAMPLE, '--no-cache']],
  ['stats, remembered', [CLI, 'stats', SAMPLE]],
  ['find', [CLI, 'find', SAMPLE, 'size>1']],
  ['hash', [CLI, 'hash', SAMPLE]],
  ['diff', [CLI, 'diff', SAMPLE, other]],
  ['edit', [CLI, 'edit', SAMPLE, '-o', join(folder, 'edited.safetensors'), '--scale', 'logit_scale=2']],
];

try {
  run(CLI, 'edit', SAMPLE, '-o', other, '--scale', 'logit_scale=2');
  const times = contestants.map(() => []);
  // The first round reads files that no later one has to wait for.
  for (let round = 0; round <= rounds; round++) {
    for (const [i, [, words]] of contestants.entries()) {
      const ms = run(...words);
      if (round > 0) times[i].push(ms);
    }
  }
  const medians = times.map((all) => all.sort((a, b) => a - b)[all.length >> 1]);
  for (const [i, [name]] of contestants.entries()) process.stdout.write(`${name}: ${medians[i].toFixed(1)} ms\n`);
  if (medians[2] - medians[0] > MOST_OVER_NODE_MS) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}
