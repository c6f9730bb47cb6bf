/** Statistics, quantiles and a 64-bin histogram of every tensor by the engine: `scan.mjs FILE THREADS [watch]`. */
import { performance } from 'node:perf_hooks';
import { lazyEntry } from '../../../../dist/core/checkpoint/lazy-entry.js';
import { openCheckpoint } from '../../../../dist/core/checkpoint/open.js';
import { createTensorEngine } from '../../../../dist/core/stats/pool.js';
import { watchLoop } from '../../loop-watch.mjs';
import { report } from './report.mjs';

const [, , path, threads, watch] = process.argv;
const begun = performance.now();
const loop = watch === 'watch' ? watchLoop() : null;
const engine = createTensorEngine({ threads: Number(threads), startNow: true });
const checkpoint = await openCheckpoint(path);
const tensors = checkpoint.entries.map((entry) => lazyEntry(checkpoint, entry));
// A worker takes one such piece at a time: with the last, all of them are up.
await Promise.all(Array.from({ length: Number(threads) }, () => engine.read(tensors[0], 0, 1)));
const up = performance.now();
const results = await Promise.all(tensors.map((tensor) => engine.stats(tensor)));
const work = (performance.now() - up) / 1000;
const watched = loop?.end();
await engine.close();
report(begun, { ...watched, work, check: results.reduce((sum, { mean }) => sum + mean, 0) / results.length });
