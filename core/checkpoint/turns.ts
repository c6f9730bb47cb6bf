import { setImmediate as nextTurn } from 'node:timers/promises';

/** Far below what anybody notices, far above what a turn costs. */
const SLICE_MS = 8;

/**
 * Long work on the main thread in slices, between which others have their turn: `if (turns.isDue) await
 * turns.next()` where a piece of it is done. Asking costs some tens of nanoseconds.
 */
export class Turns {
  #until = performance.now() + SLICE_MS;

  get isDue(): boolean {
    return performance.now() >= this.#until;
  }

  async next(): Promise<void> {
    await nextTurn();
    this.#until = performance.now() + SLICE_MS;
  }

  /** Runs work that is cut by its yields. */
  async run<T>(work: Generator<void, T>): Promise<T> {
    for (;;) {
      const { done, value } = work.next();
      if (done) return value;
      if (this.isDue) await this.next();
    }
  }
}
