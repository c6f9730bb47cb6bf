import type { Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import {
  CancelledError,
  FileAccessError,
  FileChangedError,
  InvalidArgumentError,
  InvalidStateError,
} from '../errors.ts';
import type { FileRegion } from '../ndarray/lazy-tensor.ts';
import { FETCH_PIECE_BYTES, type FetchSource } from './protocol.ts';

/**
 * A region of a file that must stay as it was when its stamp was taken, held open. Messages carry the
 * file's name only: they travel to pages that may not learn paths.
 */
export class OpenRegion {
  readonly nbytes: number;
  readonly #region: FileRegion;
  readonly #handle: FileHandle;

  private constructor(region: FileRegion, handle: FileHandle) {
    this.nbytes = region.nbytes;
    this.#region = region;
    this.#handle = handle;
  }

  /**
   * @throws FileChangedError where the file is gone or not in the state that the stamp names.
   * @throws FileAccessError where it cannot be read.
   * @throws InvalidArgumentError where the region does not lie in the file.
   */
  static async open(region: FileRegion): Promise<OpenRegion> {
    const { offset, nbytes, stamp } = region;
    if (!(isPosition(offset) && isPosition(nbytes) && offset + nbytes <= stamp.size)) {
      throw new InvalidArgumentError(
        `${basename(region.path)}: bytes ${offset} to ${offset + nbytes} asked for; the file has ${stamp.size}.`,
      );
    }
    const opened = new OpenRegion(region, await openFile(region));
    try {
      await opened.verify();
    } catch (error) {
      await opened.close();
      throw error;
    }
    return opened;
  }

  /** The bytes `[from, from + nbytes)` of the region. @throws FileChangedError, also where it changed under the read. */
  async read(from: number, nbytes: number): Promise<ArrayBuffer> {
    const bytes = new ArrayBuffer(nbytes);
    const target = new Uint8Array(bytes);
    const position = this.#region.offset + from;
    for (let done = 0; done < nbytes; ) {
      const got = await this.#readSome(target.subarray(done), position + done);
      if (got === 0) {
        await this.verify();
        throw changed(this.#region, `it ends before byte ${position + nbytes}`);
      }
      done += got;
    }
    await this.verify();
    return bytes;
  }

  /** @throws FileChangedError unless size, modification time and inode are those of the stamp. */
  async verify(): Promise<void> {
    let now: Stats;
    try {
      now = await this.#handle.stat();
    } catch (error) {
      throw unreadable(this.#region, error);
    }
    const { size, mtimeMs, ino } = this.#region.stamp;
    if (now.size !== size) throw changed(this.#region, `it had ${size} bytes and now has ${now.size}`);
    if (now.mtimeMs !== mtimeMs) throw changed(this.#region, 'it was written to since');
    if (now.ino !== ino) throw changed(this.#region, 'another file took its place');
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  async #readSome(target: Uint8Array, position: number): Promise<number> {
    try {
      return (await this.#handle.read(target, 0, target.length, position)).bytesRead;
    } catch (error) {
      throw unreadable(this.#region, error);
    }
  }
}

/** `ReadSource` of workers with a file system: the cpu thread and Node's GPU process. */
export async function* readFileRegion(source: FetchSource, signal: AbortSignal): AsyncGenerator<ArrayBuffer> {
  if (source.kind !== 'file') throw new InvalidStateError('This device worker reads files, not addresses.');
  const region = await OpenRegion.open(source.region);
  try {
    for (let from = 0; from < region.nbytes; from += FETCH_PIECE_BYTES) {
      if (signal.aborted) throw new CancelledError();
      yield await region.read(from, Math.min(FETCH_PIECE_BYTES, region.nbytes - from));
    }
  } finally {
    await region.close();
  }
}

async function openFile(region: FileRegion): Promise<FileHandle> {
  try {
    return await open(region.path, 'r');
  } catch (error) {
    const code = systemCode(error);
    throw code === 'ENOENT' || code === 'ENOTDIR' ? changed(region, 'it is gone') : unreadable(region, error);
  }
}

function changed({ path }: FileRegion, how: string): FileChangedError {
  const file = basename(path);
  return new FileChangedError(`${file} is no longer the file that was opened: ${how}. Reload it to go on.`, { file });
}

function unreadable({ path }: FileRegion, error: unknown): FileAccessError {
  const file = basename(path);
  const code = systemCode(error);
  return new FileAccessError(`${file} cannot be read (${code}). Check its permissions and its disk.`, { file, code });
}

function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
}

function isPosition(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
