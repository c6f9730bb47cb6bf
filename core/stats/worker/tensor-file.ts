import { closeSync, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { basename } from 'node:path';
import { FileAccessError, FileChangedError, type ParascopeError } from '../../errors.ts';
import type { FileStamp } from '../../ndarray/lazy-tensor.ts';

function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
}

/**
 * A file that must stay as it was when its stamp was taken. Messages carry the file's name only:
 * they travel to pages that may not learn paths.
 */
export class TensorFile {
  readonly #name: string;
  readonly #stamp: FileStamp;
  readonly #descriptor: number;

  constructor(path: string, stamp: FileStamp) {
    this.#name = basename(path);
    this.#stamp = stamp;
    this.#descriptor = this.#open(path);
    try {
      this.verify();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #open(path: string): number {
    try {
      return openSync(path, 'r');
    } catch (error) {
      const code = systemCode(error);
      if (code === 'ENOENT' || code === 'ENOTDIR') throw this.#changed('it is gone');
      throw this.#unreadable(code);
    }
  }

  #changed(how: string): ParascopeError {
    const message = `${this.#name} is no longer the file that was opened: ${how}. Reload it to go on.`;
    return new FileChangedError(message, { file: this.#name });
  }

  #unreadable(code: string): ParascopeError {
    return new FileAccessError(`${this.#name} cannot be read (${code}). Check its permissions and its disk.`, {
      file: this.#name,
      code,
    });
  }

  /** Throws `FileChangedError` unless size, modification time and inode are those of the stamp. */
  verify(): void {
    let now: Stats;
    try {
      now = fstatSync(this.#descriptor);
    } catch (error) {
      throw this.#unreadable(systemCode(error));
    }
    const { size, mtimeMs, ino } = this.#stamp;
    if (now.size !== size) throw this.#changed(`it had ${size} bytes and now has ${now.size}`);
    if (now.mtimeMs !== mtimeMs) throw this.#changed('it was written to since');
    if (now.ino !== ino) throw this.#changed('another file took its place');
  }

  /** Fills `target` from byte `position` on. */
  read(target: Uint8Array, position: number): void {
    let done = 0;
    while (done < target.length) {
      let got: number;
      try {
        got = readSync(this.#descriptor, target, done, target.length - done, position + done);
      } catch (error) {
        throw this.#unreadable(systemCode(error));
      }
      if (got === 0) {
        this.verify();
        throw this.#changed(`it ends before byte ${position + target.length}`);
      }
      done += got;
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}
