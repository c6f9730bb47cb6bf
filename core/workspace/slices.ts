import { setImmediate as nextTurn } from 'node:timers/promises';

/** The event loop waits no longer than this for a piece of bookkeeping. */
const SLICE_MS = 8;
/** Asking for the time takes longer than most items do. */
const ITEMS_PER_LOOK = 64;

/** Goes through many items so that whatever else the process does gets its turn; ends with what `signal` aborts with. */
export async function inSlices<T>(
  items: Iterable<T>,
  visit: (item: T) => void,
  signal?: AbortSignal | undefined,
): Promise<void> {
  let started = performance.now();
  let count = 0;
  for (const item of items) {
    visit(item);
    if (++count % ITEMS_PER_LOOK !== 0 || performance.now() - started < SLICE_MS) continue;
    await nextTurn();
    signal?.throwIfAborted();
    started = performance.now();
  }
}
