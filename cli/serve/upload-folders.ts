import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileRef } from '../../core/api/file-access.ts';
import type { Grants } from '../../core/api/grants.ts';
import type { Scratch } from './scratch.ts';

export interface UploadFolder {
  readonly directory: string;
  readonly group: string | null;
  /** Whole files, which wait to be opened or were. */
  readonly arrivals: { readonly ref: ReturnType<Grants['grant']>; readonly path: string }[];
  /** Files still on their way. */
  pending: number;
  unusedSince: number;
}

export interface UploadFoldersOptions {
  readonly scratch: Scratch;
  readonly grants: Grants;
  /** Whether a document still reads from `path`. */
  readonly isOpen: (path: string) => boolean;
}

/**
 * Folders that uploads lie in: one for each, so that two of one name do not meet, or one for a group,
 * so that an index finds its shards beside it. A folder goes as a whole, when nothing of it is in use.
 */
export class UploadFolders {
  readonly #options: UploadFoldersOptions;
  readonly #folders = new Set<UploadFolder>();

  constructor(options: UploadFoldersOptions) {
    this.#options = options;
  }

  /** The folder for one more file of `group`; a folder of its own where that is null. */
  async claim(group: string | null): Promise<UploadFolder> {
    const known = group === null ? undefined : [...this.#folders].find((folder) => folder.group === group);
    const folder = known ?? this.#add(group);
    folder.pending++;
    await mkdir(folder.directory, { mode: 0o700, recursive: true });
    return folder;
  }

  /** A file of `folder` is whole: grants it to the page. */
  arrive(folder: UploadFolder, file: { readonly path: string; readonly name: string }): FileRef {
    const ref = this.#options.grants.grant({ ...file, savable: false, lasting: false });
    folder.arrivals.push({ ref, path: file.path });
    folder.pending--;
    folder.unusedSince = Date.now();
    return ref;
  }

  /** A file of `folder` is given up; `path` is what was written of it, null where that is nothing. */
  async giveUp(folder: UploadFolder, path: string | null): Promise<void> {
    folder.pending--;
    if (folder.pending === 0 && folder.arrivals.length === 0) await this.#remove(folder);
    else if (path !== null) await rm(path, { force: true });
  }

  /** Removes what was not in use for longer than `limit` milliseconds before `now`. */
  sweep(now: number, limit: number): void {
    for (const folder of this.#folders) {
      const used = folder.pending > 0 || folder.arrivals.some(({ path }) => this.#options.isOpen(path));
      if (used) folder.unusedSince = now;
      if (now - folder.unusedSince <= limit) continue;
      for (const { ref } of folder.arrivals) this.#options.grants.withdraw(ref);
      this.#remove(folder).catch((error: unknown) => console.error(error));
    }
  }

  #add(group: string | null): UploadFolder {
    const directory = join(this.#options.scratch.directory, `upload-${randomBytes(16).toString('base64url')}`);
    const folder: UploadFolder = { directory, group, arrivals: [], pending: 0, unusedSince: Date.now() };
    this.#folders.add(folder);
    return folder;
  }

  async #remove(folder: UploadFolder): Promise<void> {
    this.#folders.delete(folder);
    await rm(folder.directory, { recursive: true, force: true });
  }
}
