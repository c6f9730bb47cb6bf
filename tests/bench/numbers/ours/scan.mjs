/** Statistics and a 64-bin histogram of every tensor by the engine, on demand with quantiles: `scan.mjs FILE THREADS [quantiles]`. */
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { lazyEntry } from '../../../../dist/core/checkpoint/lazy-entry.js';
import { openCheckpoint } from '../../../../dist/core/checkpoint/open.js';
import { createTensorEngine } from '../../../../dist/core/stats/pool.js';
import { report } from './report.mjs';

const [, , path, threads, extra] = process.argv;
const options = extra === 'quantiles' ? {} : { quantiles: [] };
const begun = performance.now();
const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
const checkpoint = await openCheckpoint(path);
const engine = createTensorEngine({ threads: Number(threads) });
const results = await Promise.all(
  checkpoint.entries.map((entry) => engine.stats(lazyEntry(checkpoint, entry), options)),
);
delay.disable();
await engine.close();
report(begun, {
  blockedMs: delay.max / 1e6,
  check: results.reduce((sum, { mean }) => sum + mean, 0) / results.length,
});
