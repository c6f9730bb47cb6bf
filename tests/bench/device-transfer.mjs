/**
 * Measures what the host suffers while a large tensor goes from a file to a GPU and back:
 *
 *   node scripts/build-core.mjs && node tests/bench/device-transfer.mjs [--mib 1023] [--native] [--through-host]
 *
 * A float32 tensor of that size is loaded from a safetensors file onto gpu(0), as the window does it: the
 * GPU's process reads the file by itself (with `--through-host`, the host reads it and sends it on, as it does
 * with values that do not lie in a file as they are). It is then read back in ranges of 8 MiB and compared with what was written by its SHA-256. Prints the time
 * and rate of both, the most resident memory of the host, and the longest time for which its event loop
 * stood still; on Linux also how much of one such time the main thread was computing and not waiting for a
 * processor, which on a busy machine is what counts. Exits with 1 where memory exceeds 400 MB or the
 * main thread computed (elsewhere: stood still) for more than 20 ms without a turn of its loop.
 * (SwiftShader's largest array is just under 1 GiB.)
 * The GPU is SwiftShader where it is found beside Chromium; with `--native`, whatever Dawn finds.
 */
import { createHash, randomFillSync } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { openCheckpoint } from '../../dist/core/checkpoint/open.js';
import { gpu } from '../../dist/core/device/device.js';
import { startGpuProcess } from '../../dist/core/device/process-link.js';
import { DeviceRuntime } from '../../dist/core/device/runtime.js';
import { Parameter } from '../../dist/core/parameter/parameter.js';
import { createTensorEngine } from '../../dist/core/stats/pool.js';
import '../../dist/core/symbol/invoke.js';
import { lazyEntry } from '../../dist/core/checkpoint/lazy-entry.js';
import { TensorSource } from '../../dist/core/workspace/parameters-source.js';
import { findSwiftShader } from '../../scripts/find-swiftshader.mjs';
import { watchLoop } from './loop-watch.mjs';

const MEMORY_LIMIT_MB = 400;
const DELAY_LIMIT_MS = 20;
const MIB = 2 ** 20;
const RANGE_ELEMENTS = 2 * MIB;

const { values: options } = parseArgs({
  options: {
    mib: { type: 'string', default: '1023' },
    native: { type: 'boolean', default: false },
    'through-host': { type: 'boolean', default: false },
  },
});
const mib = Number(options.mib);
if (!(Number.isInteger(mib) && mib > 0)) throw new Error(`--mib takes a whole number of MiB, got ${options.mib}.`);
const software = options.native ? {} : findSwiftShader();
if (software === null)
  throw new Error('SwiftShader is not beside a Chromium here: install Chromium, or pass --native.');

const folder = mkdtempSync(join(tmpdir(), 'parascope-bench-'));
const path = join(folder, 'large.safetensors');
const digest = writeLarge(path);

const engine = createTensorEngine();
const runtime = new DeviceRuntime({ startGpu: () => startGpuProcess({ ...process.env, ...software }) });
const failures = [];

try {
  const { devices, reason } = await runtime.discover();
  const place = devices.find(({ device }) => device.equals(gpu(0)));
  if (!place) throw new Error(`There is no GPU here: ${reason}`);
  const { adapter, driver, limits } = place;
  process.stdout.write(
    `${adapter}, ${driver}; largest array ${limits.maxArrayBytes / MIB} MiB; tensor of ${mib} MiB\n`,
  );
  await measureAll();
} finally {
  await runtime.close();
  await engine.close();
  rmSync(folder, { recursive: true });
}
for (const failure of failures) process.stderr.write(`${failure}\n`);
process.exitCode = failures.length > 0 ? 1 : 0;

async function measureAll() {
  const checkpoint = await openCheckpoint(path);
  const lazy = lazyEntry(checkpoint, checkpoint.entries[0]);
  const source = new TensorSource(0, { engine, lazy: () => lazy, fileName: () => 'large.safetensors' });
  if (options['through-host']) source.region = () => null;
  else if (source.region() === null) throw new Error('The source offers no region of its file.');
  const parameter = Parameter.fromSource('large', source, { runtime, device: gpu(0) });
  await measure(options['through-host'] ? 'upload through the host' : 'upload', () => parameter.finishDeferredInit());
  const hash = createHash('sha256');
  await measure('read-back', async () => {
    const array = parameter.data();
    for (let start = 0; start < array.size; start += RANGE_ELEMENTS) {
      hash.update(await array.bytes({ start, count: Math.min(RANGE_ELEMENTS, array.size - start) }));
    }
  });
  if (hash.digest('hex') !== digest) failures.push('What was read back is not what the file has.');
  await checkpoint.close();
}

async function measure(title, work) {
  let resident = 0;
  const sampling = setInterval(() => {
    resident = Math.max(resident, process.memoryUsage.rss());
  }, 20);
  const loop = watchLoop();
  const start = performance.now();
  await work();
  const seconds = (performance.now() - start) / 1000;
  clearInterval(sampling);
  const { stoodStillMs: stoodStill, computedMs: computed } = loop.end();
  const megabytes = Math.round(resident / 1e6);
  process.stdout.write(
    `${title}: ${seconds.toFixed(2)} s, ${Math.round(mib / seconds)} MiB/s; resident at most ${megabytes} MB; loop stood still at most ${stoodStill.toFixed(1)} ms, computing at most ${computed?.toFixed(1) ?? '?'} ms\n`,
  );
  const blocked = computed ?? stoodStill;
  if (megabytes > MEMORY_LIMIT_MB) failures.push(`${title}: ${megabytes} MB are resident, limit ${MEMORY_LIMIT_MB}.`);
  if (blocked > DELAY_LIMIT_MS)
    failures.push(`${title}: blocked for ${blocked.toFixed(1)} ms, limit ${DELAY_LIMIT_MS}.`);
}

/** Random bits, NaNs of all kinds among them. Returns the SHA-256 of the elements. */
function writeLarge(target) {
  const header = Buffer.from(
    JSON.stringify({ large: { dtype: 'F32', shape: [mib, 2 ** 18], data_offsets: [0, mib * MIB] } }).padEnd(128),
  );
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const hash = createHash('sha256');
  const file = openSync(target, 'w');
  writeSync(file, length);
  writeSync(file, header);
  const block = randomFillSync(Buffer.alloc(MIB));
  for (let i = 0; i < mib; i++) {
    block.writeUInt32LE(i, 0);
    writeSync(file, block);
    hash.update(block);
  }
  closeSync(file);
  return hash.digest('hex');
}
