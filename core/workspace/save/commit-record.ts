import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { describeDifference, stampOf } from '../../checkpoint/byte-source.ts';
import { FileAccessError, SaveFailedError } from '../../errors.ts';
import { isAlive, type ProcessIdentity, THIS_PROCESS } from '../../process-identity.ts';
import { errnoOf, isAbsent } from '../errno.ts';
import { syncFolder } from '../sync-folder.ts';
import type { Commit, CommitRecord, Stamp } from './commit-schema.ts';

/** Some files of a checkpoint are replaced and some not yet. */
export class UnfinishedCommitError extends SaveFailedError {
  constructor(path: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(
      `Saving ${basename(path)} stopped between its files (${reason}). Reload it, or open it again, to finish the save.`,
      { file: basename(path) },
    );
  }
}

/**
 * Replacing several files is one step only with a record of it: the record is on disk before the first
 * rename and goes after the last, so that a kill in between is finished when the checkpoint is next
 * opened or saved. Records live in Parascope's own folder; one beside a downloaded checkpoint could
 * be anybody's.
 */
export class CommitLog {
  readonly #folder: string;
  readonly #inProgress = new Set<string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The records of whoever keeps its state there. */
  static under(stateDirectory: string): CommitLog {
    return new CommitLog(join(stateDirectory, 'commits'));
  }

  /**
   * Carries out `commit` for the checkpoint at `path`. Throws `UnfinishedCommitError` where it stopped
   * half way: `finish` goes on from there, and needs the temporary files.
   */
  async carryOut(path: string, commit: Commit): Promise<void> {
    const record = this.#recordOf(path);
    this.#inProgress.add(record);
    try {
      await this.#write(record, commit);
      await apply(commit);
      await rm(record);
    } catch (error) {
      throw await this.#unfinished(path, error);
    } finally {
      this.#inProgress.delete(record);
    }
  }

  /** Without a whole record nothing was renamed yet. */
  async #unfinished(path: string, error: unknown): Promise<unknown> {
    const record = this.#recordOf(path);
    const written = await readCommit(record);
    if (written !== null && written !== 'torn') return new UnfinishedCommitError(path, error);
    await rm(record, { force: true });
    return error;
  }

  async #write(record: string, commit: Commit): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const handle = await open(record, 'w', 0o600);
    try {
      await handle.writeFile(`${JSON.stringify({ parascopeCommit: 1, writer: THIS_PROCESS, ...commit })}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await syncFolder(this.#folder);
  }

  /**
   * Finishes a commit that a kill cut short. Returns a sentence for the user where it could not,
   * because somebody else changed a file in the meantime. Throws `FileAccessError` while the commit's
   * process lives.
   */
  async finish(path: string): Promise<string | null> {
    const record = this.#recordOf(path);
    const commit = await readCommit(record);
    if (commit === null) return null;
    if (commit !== 'torn') {
      if (this.#isBusy(record, commit.writer)) {
        throw new FileAccessError(`${basename(path)} is being saved by process ${commit.writer.pid}; try again.`);
      }
      if (await isObstructed(commit)) {
        await rename(record, `${record}.damaged`);
        return `An interrupted save of ${basename(path)} could not be finished: its files changed since.`;
      }
      await apply(commit);
    }
    await rm(record, { force: true });
    return null;
  }

  /** This process's own record, left by a commit that failed, may be finished at once. */
  #isBusy(record: string, writer: ProcessIdentity): boolean {
    return writer.pid === THIS_PROCESS.pid && writer.started === THIS_PROCESS.started
      ? this.#inProgress.has(record)
      : isAlive(writer);
  }

  #recordOf(path: string): string {
    return join(this.#folder, `${createHash('sha256').update(path).digest('hex').slice(0, 16)}.json`);
  }
}

/**
 * A record that does not parse was cut short before the first rename. There hardly ever is one: what parses it
 * is loaded where there is.
 */
async function readCommit(record: string): Promise<CommitRecord | 'torn' | null> {
  let text: string;
  try {
    text = await readFile(record, 'utf8');
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
  const { commitSchema } = await import('./commit-schema.ts');
  try {
    return commitSchema.safeParse(JSON.parse(text)).data ?? 'torn';
  } catch {
    return 'torn';
  }
}

/** A rename whose temporary file is gone has happened already. */
async function apply({ renames, removes }: Commit): Promise<void> {
  for (const { temporary, target } of renames) {
    try {
      await rename(temporary, target);
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error;
    }
  }
  for (const { path } of removes) await rm(path, { force: true });
  const folders = new Set([...renames.map(({ target }) => target), ...removes.map(({ path }) => path)].map(dirname));
  for (const folder of folders) await syncFolder(folder);
}

async function isObstructed({ renames, removes }: Commit): Promise<boolean> {
  for (const { temporary, target, former } of renames) {
    if ((await stampIfThere(temporary)) !== null && !same(former, await stampIfThere(target))) return true;
  }
  for (const { path, former } of removes) {
    const now = await stampIfThere(path);
    if (now !== null && !same(former, now)) return true;
  }
  return false;
}

function same(a: Stamp | null, b: Stamp | null): boolean {
  return a === null || b === null ? a === b : describeDifference(a, b) === null;
}

async function stampIfThere(path: string): Promise<Stamp | null> {
  try {
    return await stampOf(path);
  } catch (error) {
    if (error instanceof FileAccessError) return null;
    throw error;
  }
}
