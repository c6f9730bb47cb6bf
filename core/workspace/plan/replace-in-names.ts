import { Worker } from 'node:worker_threads';
import { InvalidArgumentError } from '../../errors.ts';
import type { ReplaceReply, ReplaceRequest } from './replace-in-names.worker.ts';

/** Far more than any sensible pattern needs over the largest checkpoints (1.3 million names). */
const TIME_LIMIT_MS = 5_000;

/**
 * Applies a user's regular expression to every name. It runs on a thread of its own: a pattern can
 * backtrack for years, and a thread can be ended. Throws `InvalidArgumentError` where the pattern
 * does not compile or takes longer than five seconds.
 */
export async function replaceInNames(
  names: readonly string[],
  { pattern, replacement }: { readonly pattern: string; readonly replacement: string },
): Promise<readonly string[]> {
  const workerData: ReplaceRequest = { names, pattern, replacement };
  const worker = new Worker(new URL('./replace-in-names.worker.js', import.meta.url), { workerData });
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<readonly string[]>((resolve, reject) => {
      timer = setTimeout(() => reject(tooSlow(pattern)), TIME_LIMIT_MS);
      worker.once('message', (reply: ReplaceReply) => {
        if ('names' in reply) resolve(reply.names);
        else reject(new InvalidArgumentError(`The pattern is no regular expression: ${reply.problem}`, { pattern }));
      });
      worker.once('error', reject);
    });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}

function tooSlow(pattern: string): InvalidArgumentError {
  return new InvalidArgumentError(
    `/${pattern}/ was stopped after ${TIME_LIMIT_MS / 1000} seconds. Nested repetitions such as (a+)+ take exponential time; simplify the pattern.`,
    { pattern },
  );
}
