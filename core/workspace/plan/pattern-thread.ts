import { Worker } from 'node:worker_threads';
import { InvalidArgumentError } from '../../errors.ts';

/** Far more than any sensible pattern needs over the largest checkpoints (1.3 million names). */
const TIME_LIMIT_MS = 5_000;

/** What such a thread answers where the pattern does not compile. */
export interface PatternProblem {
  readonly problem: string;
}

/**
 * Lets the worker at `url` apply a user's regular expression. It runs on a thread of its own: a pattern can
 * backtrack for years, and a thread can be ended. Throws `InvalidArgumentError` where the pattern does not
 * compile or takes longer than five seconds.
 */
export async function runPattern<Reply extends object>(
  url: URL,
  request: { readonly pattern: string },
): Promise<Reply> {
  const { pattern } = request;
  const worker = new Worker(url, { workerData: request });
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Reply>((resolve, reject) => {
      timer = setTimeout(() => reject(tooSlow(pattern)), TIME_LIMIT_MS);
      worker.once('message', (reply: Reply | PatternProblem) => {
        if ('problem' in reply) {
          reject(new InvalidArgumentError(`The pattern is no regular expression: ${reply.problem}`, { pattern }));
        } else resolve(reply);
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
