/**
 * Turns a listener subscription into an async sequence that ends when `signal` aborts. Nothing is
 * dropped: what is pushed while the consumer is busy waits in order.
 */
export async function* eventQueue<T>(
  subscribe: (push: (item: T) => void) => () => void,
  signal: AbortSignal | undefined,
): AsyncGenerator<T> {
  const waiting: T[] = [];
  let wake: () => void = () => {};
  const unsubscribe = subscribe((item) => {
    waiting.push(item);
    wake();
  });
  const onAbort = (): void => wake();
  signal?.addEventListener('abort', onAbort);
  try {
    while (!signal?.aborted) {
      yield* waiting.splice(0);
      if (waiting.length > 0 || signal?.aborted) continue;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    signal?.removeEventListener('abort', onAbort);
    unsubscribe();
  }
}
