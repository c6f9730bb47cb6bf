import { basename } from 'node:path';
import { describeDifference, stampOf } from '../checkpoint/byte-source.ts';
import type { CheckpointFile } from '../checkpoint/checkpoint.ts';
import { FileAccessError } from '../errors.ts';
import type { DiskState } from './summary.ts';

/** Looking is one stat per file: it works on network drives, where change notifications do not. */
const INTERVAL_MS = 1000;

/** Notices when somebody else changes, removes or restores the files of an open document. */
export class DiskWatch {
  readonly #onChange: () => void;
  readonly #timer: NodeJS.Timeout;
  #files: readonly CheckpointFile[];
  #state: DiskState = 'same';
  #difference: string | null = null;
  /** Raised when the files are expected to differ: an older look then tells nothing. */
  #generation = 0;
  #paused = false;

  constructor(files: readonly CheckpointFile[], onChange: () => void) {
    this.#files = files;
    this.#onChange = onChange;
    this.#timer = setInterval(() => void this.check(), INTERVAL_MS).unref();
  }

  get state(): DiskState {
    return this.#state;
  }

  /** What changed, as a sentence; null while the files are as they were opened. */
  get difference(): string | null {
    return this.#difference;
  }

  /** Looks now, and reports a change before it returns. */
  async check(): Promise<void> {
    const generation = this.#generation;
    const { state, difference } = await look(this.#files);
    if (generation !== this.#generation || this.#paused || state === this.#state) return;
    this.#state = state;
    this.#difference = difference;
    this.#onChange();
  }

  /** What differs at this moment, reported to nobody. */
  async differenceNow(): Promise<string | null> {
    return (await look(this.#files)).difference;
  }

  /** Own saves are no news: nothing is reported until `follow`. */
  pause(): void {
    this.#paused = true;
    this.#generation += 1;
  }

  /** Watches `files` from now on, as they are now. */
  follow(files: readonly CheckpointFile[]): void {
    this.#files = files;
    this.#paused = false;
    this.#generation += 1;
    this.#state = 'same';
    this.#difference = null;
  }

  /** Ends a pause after which the files are still the same ones. */
  resume(): void {
    this.#paused = false;
  }

  stop(): void {
    this.pause();
    clearInterval(this.#timer);
  }
}

async function look(
  files: readonly CheckpointFile[],
): Promise<{ readonly state: DiskState; readonly difference: string | null }> {
  for (const { path, stamp } of files) {
    try {
      const difference = describeDifference(stamp, await stampOf(path));
      if (difference !== null) {
        return {
          state: 'changed',
          difference: `${basename(path)} changed on disk since it was opened: ${difference}.`,
        };
      }
    } catch (error) {
      if (!(error instanceof FileAccessError)) throw error;
      return { state: 'missing', difference: `${basename(path)} was moved or deleted since it was opened.` };
    }
  }
  return { state: 'same', difference: null };
}
