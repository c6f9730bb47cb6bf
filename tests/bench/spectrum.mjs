/**
 * Singular values of a float32 matrix of 16,384 by 16,384 (1 GiB) in a file, by two threads: how long, how much of the
 * processors, how much memory. `node scripts/build-core.mjs && node tests/bench/spectrum.mjs [COUNT]…`
 */
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTensorEngine } from '../../dist/core/stats/pool.js';

const SIDE = 16_384;

/** Pseudo-random values whose first columns are longer than the others, as a few directions of trained weights are. */
function writeMatrix(path) {
  const file = openSync(path, 'w');
  const row = new Float32Array(SIDE);
  let state = 1;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return state / 2 ** 31;
  };
  for (let i = 0; i < SIDE; i++) {
    for (let j = 0; j < SIDE; j++) row[j] = next() * (1 + 40 / (1 + j));
    writeSync(file, row);
  }
  closeSync(file);
}

const folder = mkdtempSync(join(process.env.PARASCOPE_BENCH ?? tmpdir(), 'parascope-spectrum-'));
try {
  const path = join(folder, 'matrix.bin');
  writeMatrix(path);
  const { size, mtimeMs, ino } = statSync(path);
  const region = { path, offset: 0, nbytes: size, stamp: { size, mtimeMs, ino } };
  const matrix = { dtype: 'float32', shape: [SIDE, SIDE], region, steps: [] };
  const engine = createTensorEngine({ threads: 2 });
  for (const count of process.argv.length > 2 ? process.argv.slice(2).map(Number) : [64, 128]) {
    const before = process.cpuUsage();
    const started = performance.now();
    const found = await engine.spectrum(matrix, { rowAxis: 0, columnAxis: 1, index: [0, 0], count });
    const seconds = (performance.now() - started) / 1000;
    const { user, system } = process.cpuUsage(before);
    const figures = {
      count,
      seconds,
      processorSeconds: (user + system) / 1e6,
      peakMiB: process.resourceUsage().maxRSS / 1024,
      largestError: Math.max(...found.errors) / found.values[0],
    };
    process.stdout.write(`${JSON.stringify(figures)}\n`);
  }
  await engine.close();
} finally {
  rmSync(folder, { recursive: true });
}
