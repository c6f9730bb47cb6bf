/**
 * How fast the numbers come, beside the tools that people use today.
 *
 *     npm run build:core && npm run bench -- [--pairs N] [--scale S] [--only TEXT] [--folder DIR] [--python PATH]
 *
 * Writes its data (2 GiB of float32 twice, 1 GiB of bfloat16, a file of 200,000 tensors; times S) into DIR, a
 * folder under the system's temporary one by default, and keeps it for the next run. Every contest is
 * between whole processes in turns, page cache warm, N pairs (9 by default) after one to warm up; a ratio
 * is the median of the pairs' ratios and is not printed from fewer than five. Peers that this machine's
 * Python lacks are named and left out. Exit status 1 where a ratio, a peak of memory or a blocked main
 * thread breaks its limit.
 */
import { spawnSync } from 'node:child_process';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { contest, LEAST_PAIRS } from './contest.mjs';
import { prepareData } from './data.mjs';

const MOST_SCAN_MIB = 100;
const MOST_LIST_MIB = 250;
const MOST_BLOCKED_MS = 20;
const THREADS = '2';

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
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const node = (script, ...args) => ({ command: process.execPath, args: [here(`ours/${script}.mjs`), ...args] });
const python = (script, ...args) => ({ command: options.python, args: [here(`peers/${script}.py`), ...args] });

function has(module) {
  const { status, stdout } = spawnSync(options.python, ['-c', `import ${module}; print(${module}.__version__)`], {
    encoding: 'utf8',
  });
  return status === 0 ? stdout.trim() : null;
}

const close = (a, b) => Math.abs(a - b) <= 1e-7;
const equal = (a, b) => a === b;

function contests({ float32, changed, bfloat16, many }) {
  const scan = (file, threads = THREADS) => node('scan', file.path, threads);
  const diff = node('diff', float32.path, changed.path, THREADS);
  return [
    {
      name: 'scan float32 / numpy',
      needs: 'numpy',
      clock: 'wall',
      limit: 1 / 8,
      ours: scan(float32),
      peer: python('numpy_scan', float32.path),
      same: close,
    },
    {
      name: 'scan bfloat16 / numpy',
      needs: 'numpy',
      clock: 'wall',
      limit: 1 / 15,
      ours: scan(bfloat16),
      peer: python('numpy_scan', bfloat16.path),
      same: close,
    },
    {
      name: 'scan float32 / numba',
      needs: 'numba',
      clock: 'wall',
      limit: 0.5,
      ours: scan(float32),
      peer: python('numba_scan', float32.path),
      same: close,
    },
    {
      name: 'scan bfloat16 / numba',
      needs: 'numba',
      clock: 'wall',
      limit: 0.5,
      ours: scan(bfloat16),
      peer: python('numba_scan', bfloat16.path),
      same: close,
    },
    {
      name: 'scan float32 / torch',
      needs: 'torch',
      clock: 'wall',
      limit: null,
      ours: scan(float32),
      peer: python('torch_scan', float32.path),
      same: close,
    },
    {
      name: 'scan float32 / bare read',
      clock: 'seconds',
      limit: 5,
      ours: scan(float32),
      peer: node('read', THREADS, float32.path),
    },
    {
      name: 'scan float32 with quantiles / bare read',
      clock: 'seconds',
      limit: 5,
      ours: node('scan', float32.path, THREADS, 'quantiles'),
      peer: node('read', THREADS, float32.path),
    },
    {
      name: 'scan bfloat16 / bare read',
      clock: 'seconds',
      limit: 5,
      ours: scan(bfloat16),
      peer: node('read', THREADS, bfloat16.path),
    },
    {
      name: 'scan float32, 2 threads / 1',
      clock: 'seconds',
      limit: 0.58,
      ours: scan(float32),
      peer: scan(float32, '1'),
      same: equal,
    },
    {
      name: 'scan bfloat16, 2 threads / 1',
      clock: 'seconds',
      limit: 0.58,
      ours: scan(bfloat16),
      peer: scan(bfloat16, '1'),
      same: equal,
    },
    {
      name: 'scan float32, 1 thread / plain JavaScript',
      clock: 'seconds',
      limit: null,
      ours: scan(float32, '1'),
      peer: node('plain-scan', float32.path),
      same: close,
    },
    {
      name: 'diff float32 / numpy',
      needs: 'numpy',
      clock: 'wall',
      limit: 1 / 5,
      ours: diff,
      peer: python('numpy_diff', float32.path, changed.path),
      same: equal,
    },
    {
      name: 'diff float32 / bare read of both',
      clock: 'seconds',
      limit: 1.5,
      ours: diff,
      peer: node('read', THREADS, float32.path, changed.path),
    },
    {
      name: 'list 200,000 tensors / safe_open',
      needs: 'safetensors',
      clock: 'wall',
      limit: 0.7,
      ours: node('list', many.path),
      peer: python('safetensors_list', many.path),
      same: equal,
    },
  ].filter(({ name }) => name.includes(options.only));
}

const fixed = (value, digits) => (value === null ? '-' : value.toFixed(digits));

function row(result, bytes) {
  const { name, ours, peer, ratio, spread, limit, oursMiB, peerMiB, blockedMs } = result;
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
    fixed(blockedMs, 1),
  ];
  return `| ${cells.join(' | ')} |`;
}

function breaches({ name, ratio, limit, oursMiB, blockedMs }) {
  const found = [];
  const mostMiB = name.startsWith('list') ? MOST_LIST_MIB : MOST_SCAN_MIB;
  if (ratio !== null && limit !== null && ratio > limit)
    found.push(`ratio ${ratio.toFixed(3)} is above ${limit.toFixed(3)}`);
  if (oursMiB > mostMiB) found.push(`peak memory ${oursMiB.toFixed(0)} MiB is above ${mostMiB}`);
  if (blockedMs !== null && blockedMs > MOST_BLOCKED_MS) found.push(`main was blocked for ${blockedMs.toFixed(1)} ms`);
  return found.map((what) => `${name}: ${what}`);
}

const data = prepareData(options.folder, scale);
const versions = Object.fromEntries(['numpy', 'numba', 'torch', 'safetensors'].map((name) => [name, has(name)]));
const peers = Object.entries(versions).map(([name, version]) => (version ? `${name} ${version}` : `no ${name}`));
print(
  `${cpus().length} × ${cpus()[0]?.model.trim()}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.versions.node}; ${peers.join(', ')}; ${pairs} pairs, scale ${scale}\n`,
);
print(
  '| contest | ours, s | peer, s | ours, GB/s | peer, GB/s | ratio (range) | limit | ours, MiB | peer, MiB | main blocked, ms |',
);
print('| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |');
const bytesOf = (name) =>
  name.startsWith('list')
    ? 0
    : name.startsWith('diff')
      ? data.float32.bytes + data.changed.bytes
      : name.includes('bfloat16')
        ? data.bfloat16.bytes
        : data.float32.bytes;
const broken = [];
for (const each of contests(data)) {
  if (each.needs && !versions[each.needs]) {
    print(`| ${each.name} | left out: Python has no ${each.needs} | | | | | | | | |`);
    continue;
  }
  const result = contest(each, pairs);
  print(row(result, bytesOf(each.name)));
  broken.push(...breaches(result));
}
for (const breach of broken) console.error(`over the limit: ${breach}`);
process.exitCode = broken.length > 0 ? 1 : 0;
