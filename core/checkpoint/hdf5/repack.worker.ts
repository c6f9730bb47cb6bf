import { parentPort, workerData } from 'node:worker_threads';
import { ParascopeError } from '../../errors.ts';
import { type RepackJob, repack } from './repack.ts';

/** Threads are started with one job, answer once and end. */
const job: RepackJob = workerData;

try {
  parentPort?.postMessage({ type: 'done', repacked: await repack(job) });
} catch (error) {
  // What is not foreseen ends the thread, and the caller learns of it that way.
  if (!(error instanceof ParascopeError)) throw error;
  parentPort?.postMessage({ type: 'failed', error: error.toJSON() });
}
