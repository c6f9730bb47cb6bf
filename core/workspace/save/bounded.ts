/**
 * Runs jobs, `width` at a time, in the order in which `jobs` yields them; a job is made only when there
 * is room for it. The first failure stops the rest and is thrown once nothing runs any more.
 */
export async function runBounded(
  jobs: Iterable<() => Promise<void>>,
  { width, signal }: { readonly width: number; readonly signal: AbortSignal },
): Promise<void> {
  const queue = jobs[Symbol.iterator]();
  let stopped = false;
  const runner = async (): Promise<void> => {
    while (!stopped) {
      signal.throwIfAborted();
      const next = queue.next();
      if (next.done) return;
      await next.value();
    }
  };
  const guarded = async (): Promise<void> => {
    try {
      await runner();
    } catch (error) {
      stopped = true;
      throw error;
    }
  };
  const results = await Promise.allSettled(Array.from({ length: width }, guarded));
  const failure = results.find((result) => result.status === 'rejected');
  if (failure) throw failure.reason;
}
