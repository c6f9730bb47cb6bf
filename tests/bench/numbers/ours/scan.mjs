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
const results = await Promise.all(checkpoint.entries.map((entry) => engine.stats(lazyEntry(checkpoint, entry))));
const watched = loop?.end();
await engine.close();
report(begun, { ...watched, check: results.reduce((sum, { mean }) => sum + mean, 0) / results.length });
