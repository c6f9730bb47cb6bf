import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeRecord } from '../../../core/workspace/record-file.ts';
import { type WindowState, windowStateSchema } from './placement.ts';

/** `window.json` of the state directory. */
export class RememberedState {
  readonly #path: string;
  #last: Promise<void> = Promise.resolve();

  constructor(stateDirectory: string) {
    this.#path = join(stateDirectory, 'window.json');
  }

  /** Null where there is no record or it cannot be understood: then the window opens as the first time. */
  async load(): Promise<WindowState | null> {
    const text = await readFile(this.#path, 'utf8').catch(() => null);
    if (text === null) return null;
    try {
      return windowStateSchema.parse(JSON.parse(text));
    } catch {
      console.warn(`${this.#path} could not be understood; the window opens in its usual place.`);
      return null;
    }
  }

  /** One after the other. A place that cannot be kept is no reason to disturb anybody. */
  store(state: Omit<WindowState, 'version'>): Promise<void> {
    this.#last = this.#last.then(() =>
      writeRecord(this.#path, { version: 1, ...state }).catch((error: unknown) => console.warn(error)),
    );
    return this.#last;
  }
}
