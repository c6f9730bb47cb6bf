import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { describeDifference } from '../../checkpoint/byte-source.ts';
import { accessError } from '../../checkpoint/file-errors.ts';
import { FileChangedError } from '../../errors.ts';
import type { FileStamp } from '../../ndarray/lazy-tensor.ts';
import { errnoOf } from '../errno.ts';

/** A file that bytes are copied from, held open; every read checks that it is still the one that was opened. */
export class SourceFile {
  readonly #path: string;
  readonly #stamp: FileStamp;
  readonly #handle: FileHandle;

  private constructor(path: string, stamp: FileStamp, handle: FileHandle) {
    this.#path = path;
    this.#stamp = stamp;
    this.#handle = handle;
  }

  /** Throws `FileChangedError` where the file at `path` is gone or not in the state that `stamp` names. */
  static async open(path: string, stamp: FileStamp): Promise<SourceFile> {
    let handle: FileHandle;
    try {
      handle = await open(path, 'r');
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw accessError(path, error);
      throw new FileChangedError(`${basename(path)} was moved or deleted since it was opened.`, {
        file: basename(path),
      });
    }
    const source = new SourceFile(path, stamp, handle);
    try {
      await source.check();
    } catch (error) {
      await handle.close();
      throw error;
    }
    return source;
  }

  /** Bytes that the file takes on disk: less than its size where it has holes. */
  async allocated(): Promise<number> {
    const { size, blocks } = await this.#handle.stat();
    return Math.min(size, blocks * 512);
  }

  async read(position: number, nbytes: number): Promise<Uint8Array> {
    const bytes = Buffer.allocUnsafe(nbytes);
    await this.fill(bytes, position);
    return bytes;
  }

  /** Fills `buffer` from `position` on. */
  async fill(buffer: Buffer, position: number): Promise<void> {
    for (let done = 0; done < buffer.length; ) {
      const { bytesRead } = await this.#handle.read(buffer, done, buffer.length - done, position + done);
      if (bytesRead === 0) throw this.#changed('it is shorter than it was');
      done += bytesRead;
    }
    await this.check();
  }

  /** Throws `FileChangedError`. */
  async check(): Promise<void> {
    const difference = describeDifference(this.#stamp, await this.#handle.stat());
    if (difference !== null) throw this.#changed(difference);
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  #changed(difference: string): FileChangedError {
    const name = basename(this.#path);
    return new FileChangedError(`${name} changed on disk since it was opened: ${difference}.`, { file: name });
  }
}
