import { setImmediate as nextTurn } from 'node:timers/promises';

/** Enough under way to keep every worker busy while the previous result travels back. */
const AT_ONCE = 8;
/** What is known already comes without a turn of the event loop: so long others may have to wait for one. */
const SLICE_MS = 8;

/** Runs `job` for each item, some at a time; stops at the first failure, and throws it. */
export async function inParallel<T>(items: readonly T[], job: (item: T) => Promise<void>): Promise<void> {
  const waiting = items.values();
  const slice = new Slice();
  let failed = false;
  const run = async (): Promise<void> => {
    for (const item of waiting) {
      if (failed) return;
      await job(item).catch((error: unknown) => {
        failed = true;
        throw error;
      });
      if (slice.isOver) await slice.rest();
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, run));
}

/** The time that several workers may take together before all of them let others have a turn. */
class Slice {
  #begun = performance.now();
  #rest: Promise<void> | null = null;

  get isOver(): boolean {
    return this.#rest !== null || performance.now() - this.#begun > SLICE_MS;
  }

  rest(): Promise<void> {
    this.#rest ??= nextTurn().then(() => {
      this.#begun = performance.now();
      this.#rest = null;
    });
    return this.#rest;
  }
}
