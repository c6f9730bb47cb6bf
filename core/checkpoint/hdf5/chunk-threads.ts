import { Worker } from 'node:worker_threads';
import { CancelledError, deserializeError, type SerializedError } from '../../errors.ts';
import type { Repacked, RepackJob } from './repack.ts';
import type { PackedChunk, PackJob } from './write/pack-chunks.ts';

/** What a thread is started for. */
export type ChunkJob =
  | { readonly kind: 'repack'; readonly job: RepackJob }
  | { readonly kind: 'pack'; readonly job: PackJob };

type Answer<T> =
  | { readonly type: 'done'; readonly result: T }
  | { readonly type: 'failed'; readonly error: SerializedError };

/** `repack` in a thread of its own, as it goes over every element of the chunks that it writes. */
export async function repackInThread(job: RepackJob, signal: AbortSignal): Promise<Repacked> {
  return await inThread<Repacked>({ kind: 'repack', job }, signal);
}

/** `packChunks` in a thread of its own. */
export async function packInThread(job: PackJob, signal: AbortSignal): Promise<PackedChunk[]> {
  return await inThread<PackedChunk[]>({ kind: 'pack', job }, signal);
}

async function inThread<T>(job: ChunkJob, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const worker = new Worker(new URL('./chunks.worker.js', import.meta.url), { workerData: job });
  const onAbort = (): void => void worker.terminate();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await new Promise<T>((resolve, reject) => {
      worker.once('message', (answer: Answer<T>) => {
        if (answer.type === 'done') resolve(answer.result);
        else reject(deserializeError(answer.error));
      });
      worker.once('error', reject);
      worker.once('exit', () => reject(new CancelledError('The save was cancelled.')));
    });
  } finally {
    signal.removeEventListener('abort', onAbort);
    await worker.terminate();
  }
}
