import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeRecord } from '../workspace/record-file.ts';

/** How many files the welcome page can offer before the list stops being one to read. */
const LIMIT = 20;

const recordSchema = z.object({
  version: z.literal(1),
  files: z.array(z.object({ path: z.string().min(1), openedAt: z.iso.datetime() })).default([]),
});

export interface RecentFile {
  readonly path: string;
  /** ISO 8601. */
  readonly openedAt: string;
}

/** The files opened lately, newest first, in `recent.json` of the state directory. */
export class RecentFiles {
  readonly #directory: string;
  #pending: Promise<unknown> = Promise.resolve();

  constructor(stateDirectory: string) {
    this.#directory = stateDirectory;
  }

  /** A record that is absent is empty; one that cannot be understood is set aside as `recent.json.damaged`. */
  async list(): Promise<readonly RecentFile[]> {
    const text = await readFile(this.#file(), 'utf8').catch(() => null);
    if (text === null) return [];
    try {
      return recordSchema.parse(JSON.parse(text)).files;
    } catch {
      await rename(this.#file(), `${this.#file()}.damaged`).catch(() => {});
      console.warn(`${this.#file()} could not be understood and was set aside as recent.json.damaged.`);
      return [];
    }
  }

  /** Adds of one process happen one after the other; each writes a new file and renames it into place. */
  add(path: string): Promise<void> {
    return this.#change((files) => [
      { path, openedAt: new Date().toISOString() },
      ...files.filter((file) => file.path !== path),
    ]);
  }

  clear(): Promise<void> {
    return this.#change(() => []);
  }

  #change(change: (files: readonly RecentFile[]) => readonly RecentFile[]): Promise<void> {
    const done = this.#pending.then(async () => {
      const files = change(await this.list()).slice(0, LIMIT);
      await writeRecord(this.#file(), { version: 1, files });
    });
    this.#pending = done.catch(() => {});
    return done;
  }

  #file(): string {
    return join(this.#directory, 'recent.json');
  }
}
