/**
 * How fast the numbers come, beside the tools that people use today.
 *
 *     npm run build:core && npm run bench -- [--pairs N] [--scale S] [--only TEXT] [--folder DIR] [--python PATH]
 *
 * Writes its data (2 GiB of float32 twice, 1 GiB of bfloat16, a file of 200,000 tensors; times S) into DIR, a
 * folder under the system's temporary one by default, and keeps it for the next run. Every contest is
 * between whole processes in turns, page cache warm, N pairs (9 by default) after one to warm up; a ratio
 * is the median of the pairs' ratios and is not printed from fewer than five. Peers that this machine's
 * Python lacks are named and left out. How long main kept its event loop from turning: the most that it computed
 * between two turns in any run, and the median of the longest times that the loop stood still, which on a busy
 * machine are waits for a processor. Exit status 1 where a ratio, a peak of memory or main's computing breaks its
 * limit (without that figure: its standing still).
 */
import { spawnSync } from 'node:child_process';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { contest, LEAST_PAIRS } from './contest.mjs';
import { contestsOver } from './contests.mjs';
import { prepareData } from './data.mjs';

const MOST_SCAN_MIB = 100;
const MOST_BLOCKED_MS = 20;

const { values: options } = parseArgs({
  options: {
    pairs: { type: 'string', default: '9' },
    scale: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    folder: { type: 'string', default: join(tmpdir(), 'parascope-bench') },
    python: { type: 'string', default: 'python3' },
  },
});
const pairs = Number(options.pairs);
const scale = Number(options.scale);
if (!(Number.isInteger(pairs) && pairs > 0))
  throw new Error(`--pairs wants a whole number above 0, got ${options.pairs}.`);
if (!(scale > 0 && scale <= 1)) throw new Error(`--scale wants a number above 0 and up to 1, got ${options.scale}.`);

const print = (line) => process.stdout.write(`${line}\n`);
function has(module) {
  const { status, stdout } = spawnSync(options.python, ['-c', `import ${module}; print(${module}.__version__)`], {
    encoding: 'utf8',
  });
  return status === 0 ? stdout.trim() : null;
}

const fixed = (value, digits) => (value === null ? '-' : value.toFixed(digits));

function row({ name, bytes, limit }, result) {
  const { ours, peer, ratio, spread, oursMiB, peerMiB, computedMs, stoodStillMs } = result;
  const rate = (seconds) => (bytes ? (bytes / seconds / 1e9).toFixed(2) : '-');
  const shown =
    ratio === null
      ? `no ratio from fewer than ${LEAST_PAIRS} pairs`
      : `${ratio.toFixed(3)} (${spread[0].toFixed(3)}…${spread[1].toFixed(3)})`;
  const cells = [
    name,
    ours.toFixed(3),
    peer.toFixed(3),
    rate(ours),
    rate(peer),
    shown,
    fixed(limit, 3),
    oursMiB.toFixed(0),
    peerMiB.toFixed(0),
    fixed(computedMs, 1),
    fixed(stoodStillMs, 1),
  ];
  return `| ${cells.join(' | ')} |`;
}

function breaches({ name, mostMiB = MOST_SCAN_MIB, limit }, { ratio, oursMiB, computedMs, stoodStillMs }) {
  const found = [];
  if (ratio !== null && limit !== null && ratio > limit)
    found.push(`ratio ${ratio.toFixed(3)} is above ${limit.toFixed(3)}`);
  if (oursMiB > mostMiB) found.push(`peak memory ${oursMiB.toFixed(0)} MiB is above ${mostMiB}`);
  const blocked = computedMs ?? stoodStillMs;
  if (blocked !== null && blocked > MOST_BLOCKED_MS) found.push(`main was blocked for ${blocked.toFixed(1)} ms`);
  return found.map((what) => `${name}: ${what}`);
}

const begun = performance.now();
const data = prepareData(options.folder, scale);
const versions = Object.fromEntries(['numpy', 'numba', 'torch', 'safetensors'].map((name) => [name, has(name)]));
const peers = Object.entries(versions).map(([name, version]) => (version ? `${name} ${version}` : `no ${name}`));
print(
  `${cpus().length} × ${cpus()[0]?.model.trim()}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.versions.node}; ${peers.join(', ')}; ${pairs} pairs, scale ${scale}\n`,
);
const HEADINGS = [
  'contest',
  'ours, s',
  'peer, s',
  'ours, GB/s',
  'peer, GB/s',
  'ratio (range)',
  'limit',
  'ours, MiB',
  'peer, MiB',
  'main computing, ms',
  'main stood still, ms',
];
print(`| ${HEADINGS.join(' | ')} |`);
print(`| --- |${' ---: |'.repeat(HEADINGS.length - 1)}`);
const broken = [];
for (const each of contestsOver(data, options.python).filter(({ name }) => name.includes(options.only))) {
  if (each.needs && !versions[each.needs]) {
    print(`| ${each.name} | left out: Python has no ${each.needs} |${' |'.repeat(HEADINGS.length - 2)}`);
    continue;
  }
  const result = contest(each, pairs);
  print(row(each, result));
  broken.push(...breaches(each, result));
}
print(`\n${((performance.now() - begun) / 1000).toFixed(0)} s in all.`);
for (const breach of broken) console.error(`over the limit: ${breach}`);
process.exitCode = broken.length > 0 ? 1 : 0;
