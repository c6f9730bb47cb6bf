import { AsyncLocalStorage } from 'node:async_hooks';
import { warnings } from '../warnings.ts';

/** Who listens to what is warned of by the work that runs now; undefined where it belongs to no document. */
const listener = new AsyncLocalStorage<(message: string) => void>();
/** Pieces of work that are listened to. */
let running = 0;

/** Runs `work` and gives what it warned of with its result: each message once, and none of other work that runs meanwhile. */
export async function hearingWarnings<T>(
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly heard: readonly string[] }> {
  const heard = new Set<string>();
  const mine = (message: string): void => void heard.add(message);
  const stop = warnings.subscribe(({ message }) => {
    if (listener.getStore() === mine) mine(message);
  });
  running += 1;
  try {
    return { result: await listener.run(mine, work), heard: [...heard] };
  } finally {
    stop();
    running -= 1;
    // As long as it is enabled, every promise of the process is followed.
    if (running === 0) listener.disable();
  }
}

/** Whether what is warned of now goes to a document, which shows it for as long as it is open. */
export function isHeard(): boolean {
  return listener.getStore() !== undefined;
}
