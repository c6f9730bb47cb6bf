import { CheckpointFormatError } from '../../../errors.ts';
import type { RandomBytes } from '../decoder.ts';

interface OpenRun {
  readonly file: RandomBytes;
  readonly offset: number;
  readonly nbytes: number;
}

/** Runs of files, end to end, as one; `window` is the part of them that is meant. */
export class RunBytes implements RandomBytes {
  readonly nbytes: number;
  readonly #runs: readonly OpenRun[];
  /** Where each run begins among all of them. */
  readonly #starts: readonly number[];
  readonly #first: number;

  constructor(runs: readonly OpenRun[], window: { readonly start: number; readonly nbytes: number }) {
    this.#runs = runs;
    this.#first = window.start;
    this.nbytes = window.nbytes;
    let start = 0;
    this.#starts = runs.map(({ nbytes }) => {
      start += nbytes;
      return start - nbytes;
    });
  }

  read(start: number, target: Uint8Array): void {
    if (start < 0 || start + target.length > this.nbytes) {
      throw new CheckpointFormatError(
        `The bytes ${start} to ${start + target.length} of ${this.nbytes} stored ones were asked for.`,
      );
    }
    let at = this.#first + start;
    for (let done = 0; done < target.length; ) {
      const index = this.#runAt(at);
      const run = this.#runs[index];
      if (!run) return;
      const within = at - (this.#starts[index] ?? 0);
      const length = Math.min(run.nbytes - within, target.length - done);
      run.file.read(run.offset + within, target.subarray(done, done + length));
      done += length;
      at += length;
    }
  }

  /** The last run that begins at or before `at`, past empty ones. */
  #runAt(at: number): number {
    let [low, high] = [0, this.#starts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#starts[middle] ?? 0) <= at) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
