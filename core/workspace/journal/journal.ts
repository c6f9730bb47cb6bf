import { type FileHandle, open, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errnoOf } from '../errno.ts';
import { syncFolder } from '../sync-folder.ts';
import { type JournalFile, type JournalRecord, makeHeader } from './format.ts';
import type { Lock } from './lock.ts';
import type { JournalContent } from './read.ts';

/** What a document is edited under: its real path and its files as they were opened. */
export interface JournalSubject {
  readonly path: string;
  readonly files: readonly JournalFile[];
}

/**
 * The edits of one document as an append-only file of JSON lines. The file appears with the first
 * record; a record is on disk when `append` returns. Holding a journal means holding its lock.
 */
export class Journal {
  readonly #file: string;
  readonly #lock: Lock;
  #subject: JournalSubject;
  #handle: FileHandle | null = null;
  #size = 0;

  constructor(file: string, lock: Lock, subject: JournalSubject) {
    this.#file = file;
    this.#lock = lock;
    this.#subject = subject;
  }

  /** The real path of the file whose edits are written here. */
  get path(): string {
    return this.#subject.path;
  }

  /** Goes on behind what an earlier run wrote; its torn last line, if any, is cut off. */
  async continueAfter({ wholeBytes }: JournalContent): Promise<void> {
    this.#handle = await open(this.#file, 'r+');
    await this.#handle.truncate(wholeBytes);
    this.#size = wholeBytes;
  }

  async append(...records: readonly JournalRecord[]): Promise<void> {
    const isNew = this.#handle === null;
    this.#handle ??= await open(this.#file, 'wx', 0o600);
    const lines: object[] = isNew ? [makeHeader(this.#subject.path, this.#subject.files), ...records] : [...records];
    const bytes = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    try {
      await writeAll(this.#handle, bytes, this.#size);
      await this.#handle.sync();
    } catch (error) {
      // A half-written record must not precede the next one.
      await this.#handle.truncate(this.#size).catch(() => {});
      throw error;
    }
    this.#size += bytes.length;
    if (isNew) await syncFolder(dirname(this.#file));
  }

  /** Forgets all records and goes on with the same file in another state. */
  async restart(subject: JournalSubject): Promise<void> {
    await this.remove();
    this.#subject = subject;
  }

  /** Forgets all records; the lock stays, and the next record starts a new file. */
  async remove(): Promise<void> {
    await this.#close();
    try {
      await unlink(this.#file);
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error;
    }
  }

  /** Lets others have the journal; the records stay where they are. */
  async release(): Promise<void> {
    await this.#close();
    await this.#lock.release();
  }

  async #close(): Promise<void> {
    await this.#handle?.close();
    this.#handle = null;
    this.#size = 0;
  }
}

async function writeAll(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

/** When the last record was written. */
export async function lastWrite(file: string): Promise<string> {
  return (await stat(file)).mtime.toISOString();
}
