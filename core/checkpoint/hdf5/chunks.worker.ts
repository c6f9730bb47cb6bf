import { parentPort, workerData } from 'node:worker_threads';
import { ParascopeError } from '../../errors.ts';
import type { ChunkJob } from './chunk-threads.ts';
import { type Repacked, repack } from './repack.ts';
import { type PackedChunk, packChunks } from './write/pack-chunks.ts';

/** Threads are started with one job, answer once and end. */
const job: ChunkJob = workerData;

try {
  parentPort?.postMessage({ type: 'done', result: await done(job) });
} catch (error) {
  // What is not foreseen ends the thread, and the caller learns of it that way.
  if (!(error instanceof ParascopeError)) throw error;
  parentPort?.postMessage({ type: 'failed', error: error.toJSON() });
}

async function done(work: ChunkJob): Promise<Repacked | PackedChunk[]> {
  switch (work.kind) {
    case 'repack':
      return await repack(work.job);
    case 'pack':
      return await packChunks(work.job);
  }
}
