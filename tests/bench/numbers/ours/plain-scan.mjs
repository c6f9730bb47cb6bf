/** The same statistics in plain JavaScript over typed arrays, one thread: what the kernels must beat. `plain-scan.mjs FILE`. */
import { openSync, readSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { openCheckpoint } from '../../../../dist/core/checkpoint/open.js';
import { report } from './report.mjs';

const CHUNK = 2 ** 20;
const BINS = 64;
const [, , path] = process.argv;
const begun = performance.now();
const checkpoint = await openCheckpoint(path);
const descriptor = openSync(path, 'r');
const floats = new Float32Array(CHUNK);
const halves = new Uint16Array(CHUNK);
const words = new Uint32Array(floats.buffer);
let check = 0;
for (const entry of checkpoint.entries) check += scan(entry) / checkpoint.entries.length;
report(begun, { check });

function* chunks({ dtype, offset, nbytes }) {
  const target = dtype === 'bfloat16' ? halves : floats;
  const size = target.BYTES_PER_ELEMENT;
  for (let done = 0; done < nbytes; done += CHUNK * size) {
    const count = Math.min(CHUNK, (nbytes - done) / size);
    readSync(descriptor, new Uint8Array(target.buffer, 0, count * size), 0, count * size, offset + done);
    if (target === halves) for (let i = 0; i < count; i++) words[i] = halves[i] << 16;
    yield count;
  }
}

function scan(entry) {
  let [finite, sum, squares, min, max, zeros, nans, infs] = [0, 0, 0, Infinity, -Infinity, 0, 0, 0];
  for (const count of chunks(entry)) {
    for (let i = 0; i < count; i++) {
      const x = floats[i];
      if (x - x !== 0) {
        if (Number.isNaN(x)) nans++;
        else infs++;
        continue;
      }
      if (x === 0) zeros++;
      if (x < min) min = x;
      if (x > max) max = x;
      finite++;
      sum += x;
      squares += x * x;
    }
  }
  const counts = new Uint32Array(BINS);
  const perUnit = BINS / (max - min);
  for (const count of chunks(entry)) {
    for (let i = 0; i < count; i++) {
      const x = floats[i];
      if (x - x === 0) counts[Math.min(((x - min) * perUnit) | 0, BINS - 1)]++;
    }
  }
  const mean = sum / finite;
  if (zeros + nans + infs + squares / finite - mean ** 2 + counts[0] < 0)
    throw new Error('Squares cannot be negative.');
  return mean;
}
