import { randomBytes } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { copyFile, type FileHandle, lstat, open, readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { stampOf } from '../../checkpoint/byte-source.ts';
import { SaveFailedError } from '../../errors.ts';
import type { FileStamp } from '../../ndarray/lazy-tensor.ts';
import { errnoOf } from '../errno.ts';
import { syncFolder } from '../sync-folder.ts';
import { openForWriting, saveError } from './failure.ts';
import { forgetTemporary, temporaryName } from './temporaries.ts';

/**
 * A new content for a file, written beside it under a temporary name. Until `commit` the target is
 * as it was; `discard` leaves no trace.
 */
export class Replacement {
  readonly target: string;
  readonly temporary: string;
  readonly handle: FileHandle;
  #closed = false;

  private constructor(target: string, temporary: string, handle: FileHandle) {
    this.target = target;
    this.temporary = temporary;
    this.handle = handle;
  }

  /**
   * `target` is a real path, or one that does not exist yet; its mode and owner carry over. Throws
   * `SaveFailedError` where it is write-protected: the folder alone would allow to replace it.
   */
  static async begin(target: string): Promise<Replacement> {
    const temporary = temporaryBeside(target);
    return await Replacement.#adopt(target, temporary, await open(temporary, 'wx+', 0o666));
  }

  /** Starts from a copy that shares its blocks with `base` until written to; null where the file system has none. */
  static async clone(target: string, base: { readonly path: string } | null): Promise<Replacement | null> {
    if (!base) return null;
    const temporary = temporaryBeside(target);
    try {
      await copyFile(base.path, temporary, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE);
    } catch {
      // Whatever the reason, an ordinary copy is tried next and says what is wrong.
      await rm(temporary, { force: true });
      forgetTemporary(temporary);
      return null;
    }
    return await Replacement.#adopt(target, temporary, await open(temporary, 'r+'));
  }

  static async #adopt(target: string, temporary: string, handle: FileHandle): Promise<Replacement> {
    const replacement = new Replacement(target, temporary, handle);
    try {
      const former = await statIfThere(target);
      if (former) {
        await (await openForWriting(target)).close();
        await likeFormer(handle, former);
      }
      return replacement;
    } catch (error) {
      await replacement.discard();
      throw error;
    }
  }

  /** Puts everything on disk and closes; returns the stamp that the target will have after `rename`. */
  async finish(): Promise<FileStamp> {
    await this.handle.sync();
    await this.#close();
    return await stampOf(this.temporary);
  }

  /** The step that replaces the target, at once and entirely. */
  async rename(): Promise<void> {
    await rename(this.temporary, this.target);
    forgetTemporary(this.temporary);
    await syncFolder(dirname(this.target));
  }

  async discard(): Promise<void> {
    await this.#close();
    await rm(this.temporary, { force: true });
    forgetTemporary(this.temporary);
  }

  async #close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.handle.close();
  }
}

function temporaryBeside(target: string): string {
  return join(dirname(target), temporaryName(basename(target), randomBytes(6).toString('hex')));
}

async function likeFormer(handle: FileHandle, former: Stats): Promise<void> {
  try {
    await handle.chown(former.uid, former.gid);
  } catch (error) {
    // Only root may give files away; the user's own file then replaces the other's, as every editor does.
    if (errnoOf(error) !== 'EPERM') throw error;
  }
  await handle.chmod(former.mode & 0o7777);
}

/** The file that a save to `path` replaces: links followed, so that they keep pointing at it. Throws `SaveFailedError`. */
export async function realTarget(path: string): Promise<string> {
  const absolute = resolve(path);
  try {
    const real = await realpath(absolute);
    if ((await stat(real)).isFile()) return real;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return await newTarget(absolute);
    throw saveError(absolute, error);
  }
  throw new SaveFailedError(`${basename(absolute)} is a folder or a device, not a regular file. Choose another name.`, {
    file: basename(absolute),
  });
}

/** Where nothing is yet, or a link to nothing. */
async function newTarget(absolute: string): Promise<string> {
  const folder = await realFolder(dirname(absolute));
  const link = await linkTarget(absolute);
  return link === null ? join(folder, basename(absolute)) : await realTarget(resolve(folder, link));
}

async function realFolder(folder: string): Promise<string> {
  try {
    return await realpath(folder);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw saveError(folder, error);
    throw new SaveFailedError(`There is no folder named '${basename(folder)}' to save into.`);
  }
}

async function linkTarget(path: string): Promise<string | null> {
  try {
    return (await lstat(path)).isSymbolicLink() ? await readlink(path) : null;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
}

async function statIfThere(path: string): Promise<Stats | null> {
  try {
    return await stat(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
}
