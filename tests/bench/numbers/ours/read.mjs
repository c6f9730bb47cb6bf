/** The bytes of files and nothing else, by as many threads: `read.mjs THREADS FILE…`. The floor of everything. */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { report } from './report.mjs';

const CHUNK = 2 ** 20;
const PIECE = 8 * 2 ** 20;

if (isMainThread) {
  const [, , threads, ...paths] = process.argv;
  const begun = performance.now();
  const next = new SharedArrayBuffer(4);
  const workers = Array.from(
    { length: Number(threads) },
    () => new Worker(new URL(import.meta.url), { workerData: { next, paths } }),
  );
  await Promise.all(workers.map((worker) => new Promise((resolve) => worker.once('exit', resolve))));
  report(begun, { check: paths.reduce((sum, path) => sum + statSync(path).size, 0) });
} else {
  const { next, paths } = workerData;
  const counter = new Int32Array(next);
  const pieces = paths.flatMap((path) => {
    const { size } = statSync(path);
    return Array.from({ length: Math.ceil(size / PIECE) }, (_, i) => ({ path, from: i * PIECE, size }));
  });
  const descriptors = new Map(paths.map((path) => [path, openSync(path, 'r')]));
  const buffer = new Uint8Array(CHUNK);
  for (let i = Atomics.add(counter, 0, 1); i < pieces.length; i = Atomics.add(counter, 0, 1)) {
    const { path, from, size } = pieces[i];
    for (let at = from; at < Math.min(from + PIECE, size); at += CHUNK) {
      readSync(descriptors.get(path), buffer, 0, CHUNK, at);
    }
  }
  for (const descriptor of descriptors.values()) closeSync(descriptor);
}
