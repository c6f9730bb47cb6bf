/** Every tensor of two files compared by the engine: `diff.mjs A B THREADS`. */
import { performance } from 'node:perf_hooks';
import { lazyEntry } from '../../../../dist/core/checkpoint/lazy-entry.js';
import { openCheckpoint } from '../../../../dist/core/checkpoint/open.js';
import { createTensorEngine } from '../../../../dist/core/stats/pool.js';
import { report } from './report.mjs';

const [, , first, second, threads] = process.argv;
const begun = performance.now();
const engine = createTensorEngine({ threads: Number(threads), startNow: true });
const [a, b] = [await openCheckpoint(first), await openCheckpoint(second)];
const diffs = await Promise.all(
  a.entries.map((entry) => engine.diff(lazyEntry(a, entry), lazyEntry(b, b.find(entry.name)))),
);
await engine.close();
report(begun, { check: diffs.reduce((sum, { changedCount }) => sum + changedCount, 0) });
