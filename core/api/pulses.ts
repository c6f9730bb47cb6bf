/** Often enough that a page shows things as they come, and seldom enough that it has time to draw them. */
const PULSE_MS = 100;

/**
 * Runs `work` and tells now and then what `take` has gathered since, null for nothing; at the end once more,
 * whatever that is. Whoever stops listening aborts the work; its failure is the sequence's.
 */
export async function* pulses<T>(
  work: (signal: AbortSignal) => Promise<void>,
  take: () => T | null,
  signal: AbortSignal | undefined,
): AsyncGenerator<T> {
  const left = new AbortController();
  let isOver = false;
  const running = work(signal ? AbortSignal.any([signal, left.signal]) : left.signal).finally(() => {
    isOver = true;
  });
  try {
    while (!isOver) {
      await Promise.race([running, new Promise((resolve) => setTimeout(resolve, PULSE_MS))]);
      const taken = take();
      if (taken !== null) yield taken;
    }
    await running;
  } finally {
    left.abort();
    await running.catch(() => {});
  }
}
