import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';

/** Whoever took the file has copied it by then. */
const KEPT_MS = 10 * 60_000;

/**
 * The private folder of files that were dragged out. A drop only hands over a path, and the receiver
 * copies the file when it likes, so files stay for a while.
 */
export class DragFolder {
  readonly #path: string;

  constructor(stateDirectory: string) {
    this.#path = join(stateDirectory, 'drag-out');
  }

  /** An empty folder that nobody else can read. What is old is removed meanwhile. */
  async makeRoom(): Promise<string> {
    await mkdir(this.#path, { recursive: true, mode: 0o700 });
    await this.#removeOld();
    return mkdtemp(join(this.#path, 'drag-'));
  }

  /** Whether `path` is one of the files that were dragged out. */
  holds(path: string): boolean {
    return resolve(path).startsWith(`${this.#path}${sep}`);
  }

  /** At the end, and at the start what a killed process left: only one process has this folder. */
  async clear(): Promise<void> {
    await rm(this.#path, { recursive: true, force: true });
  }

  async #removeOld(): Promise<void> {
    for (const name of await readdir(this.#path)) {
      const path = join(this.#path, name);
      const status = await stat(path).catch(() => null);
      if (status && Date.now() - status.mtimeMs > KEPT_MS) await rm(path, { recursive: true, force: true });
    }
  }
}
