import { Worker } from 'node:worker_threads';
import { CancelledError, deserializeError, type SerializedError } from '../../errors.ts';
import type { Repacked, RepackJob } from './repack.ts';

type Answer =
  | { readonly type: 'done'; readonly repacked: Repacked }
  | { readonly type: 'failed'; readonly error: SerializedError };

/** `repack` in a thread of its own, as it goes over every element of the chunks that it writes. */
export async function repackInThread(job: RepackJob, signal: AbortSignal): Promise<Repacked> {
  signal.throwIfAborted();
  const worker = new Worker(new URL('./repack.worker.js', import.meta.url), { workerData: job });
  const onAbort = (): void => void worker.terminate();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await new Promise<Repacked>((resolve, reject) => {
      worker.once('message', (answer: Answer) => {
        if (answer.type === 'done') resolve(answer.repacked);
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
