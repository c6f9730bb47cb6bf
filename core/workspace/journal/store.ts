import { createHash } from 'node:crypto';
import { mkdir, readdir, rename, stat, unlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Edit } from '../edits.ts';
import { errnoOf, isAbsent } from '../errno.ts';
import { type JournalFile, sameFiles } from './format.ts';
import { Journal, type JournalSubject, lastWrite } from './journal.ts';
import { isLocked, tryLock } from './lock.ts';
import { DamagedJournal, type JournalContent, readJournal } from './read.ts';

/** A journal of an earlier run, locked, with edits that were never saved. */
export interface PendingJournal {
  readonly journal: Journal;
  readonly content: JournalContent;
  readonly savedAt: string;
  readonly fileUnchanged: boolean;
}

export interface OpenedJournal {
  /** For the edits to come. */
  readonly journal: Journal;
  readonly pending: PendingJournal | null;
  /** Sentences for the user. */
  readonly warnings: readonly string[];
}

export interface RecoverableFile {
  readonly path: string;
  readonly edits: number;
  readonly savedAt: string;
}

/** One file may be open in this many processes at once. */
const MAX_SLOTS = 64;

/**
 * The folder of all journals. A file's journals are numbered slots named by a hash of its real path:
 * a second process that edits the same file gets the second slot, so that edits never interleave.
 */
export class JournalStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Locks a free slot for `subject`, and the first one that holds unsaved edits of an earlier run. */
  async open(subject: JournalSubject): Promise<OpenedJournal> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const warnings: string[] = [];
    let pending: PendingJournal | null = null;
    let elsewhere = false;
    for (let slot = 1; slot <= MAX_SLOTS; slot++) {
      const file = this.#slotFile(subject.path, slot);
      const lock = await tryLock(lockOf(file));
      if (!lock) {
        elsewhere = true;
        continue;
      }
      const journal = new Journal(file, lock, subject);
      const left = await this.#unsaved(file, subject, warnings);
      if (!left) {
        if (elsewhere)
          warnings.push(`${basename(subject.path)} is open in another window or process; whoever saves last wins.`);
        return { journal, pending, warnings };
      }
      if (pending) await journal.release();
      else pending = { journal, ...left };
    }
    await pending?.journal.release();
    throw new Error(`All ${MAX_SLOTS} journals of ${subject.path} are in use.`);
  }

  /** Locks a free slot that holds nothing, whatever other slots hold. */
  async openFresh(subject: JournalSubject): Promise<Journal> {
    const { journal, pending } = await this.open(subject);
    await pending?.journal.release();
    return journal;
  }

  /** Files whose journals hold unsaved edits and are not in use. */
  async recoverable(): Promise<RecoverableFile[]> {
    const found: RecoverableFile[] = [];
    for (const name of await this.#names()) {
      const file = join(this.#folder, name);
      if (!name.endsWith('.jsonl') || (await isLocked(lockOf(file)))) continue;
      const content = await readIfWhole(file);
      if (!content || content.done === 0) continue;
      const current = await statesOf(content.header.files);
      if (!current || wasSaved(content, current)) continue;
      found.push({ path: content.header.path, edits: content.done, savedAt: await lastWrite(file) });
    }
    return found;
  }

  async #names(): Promise<string[]> {
    try {
      return (await readdir(this.#folder)).sort();
    } catch (error) {
      if (isAbsent(error)) return [];
      throw error;
    }
  }

  #slotFile(path: string, slot: number): string {
    const hash = createHash('sha256').update(path).digest('hex').slice(0, 16);
    return join(this.#folder, slot === 1 ? `${hash}.jsonl` : `${hash}-${slot}.jsonl`);
  }

  /** What the journal at `file` holds that is not saved; where there is nothing, the file is gone afterwards. */
  async #unsaved(
    file: string,
    subject: JournalSubject,
    warnings: string[],
  ): Promise<Omit<PendingJournal, 'journal'> | null> {
    let content: JournalContent | null;
    try {
      content = await readJournal(file);
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return null;
      if (!(error instanceof DamagedJournal)) throw error;
      const aside = await setAside(file);
      warnings.push(
        `The journal of unsaved edits is damaged (${error.message}); it was set aside as ${basename(aside)}.`,
      );
      return null;
    }
    if (!content || content.done === 0 || wasSaved(content, subject.files)) {
      await unlink(file);
      return null;
    }
    const fileUnchanged = sameFiles(content.header.files, subject.files);
    return { content, fileUnchanged, savedAt: await lastWrite(file) };
  }
}

/** Edits that a resumed journal would replay. */
export function unsavedEdits({ edits, done }: JournalContent): readonly Edit[] {
  return edits.slice(0, done);
}

function wasSaved({ saves, done }: JournalContent, files: readonly JournalFile[]): boolean {
  return saves.some((save) => save.done === done && sameFiles(save.files, files));
}

function lockOf(file: string): string {
  return file.replace(/\.jsonl$/, '.lock');
}

async function readIfWhole(file: string): Promise<JournalContent | null> {
  try {
    return await readJournal(file);
  } catch (error) {
    // A damaged journal is dealt with when its file is opened; one that just went is nobody's.
    if (error instanceof DamagedJournal || errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/** The files as they are now; null where one is missing. */
async function statesOf(files: readonly JournalFile[]): Promise<JournalFile[] | null> {
  const states: JournalFile[] = [];
  for (const { path } of files) {
    try {
      const { size, mtimeMs, ino } = await stat(path);
      states.push({ path, size, mtimeMs, ino });
    } catch {
      return null;
    }
  }
  return states;
}

async function setAside(file: string): Promise<string> {
  for (let n = 1; ; n++) {
    const aside = n === 1 ? `${file}.damaged` : `${file}.${n}.damaged`;
    try {
      await stat(aside);
    } catch {
      await rename(file, aside);
      return aside;
    }
  }
}
