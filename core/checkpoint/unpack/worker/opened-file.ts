import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { CheckpointFormatError, FileChangedError } from '../../../errors.ts';
import type { PackedFile } from '../../../ndarray/packed-storage.ts';
import { describeDifference } from '../../byte-source.ts';
import { accessError } from '../../file-errors.ts';
import type { JobFile } from '../decoder.ts';

/** Node aborts on one read of 2^31 bytes or more. */
const MAX_PIECE = 64 * 1024 * 1024;

/** A file of the checkpoint that must stay as it was when the checkpoint was opened. */
export class OpenedFile implements JobFile {
  readonly path: string;
  readonly name: string;
  readonly nbytes: number;
  readonly #file: PackedFile;
  readonly #descriptor: number;

  constructor(file: PackedFile) {
    this.path = file.path;
    this.name = basename(file.path);
    this.nbytes = file.stamp.size;
    this.#file = file;
    this.#descriptor = this.#open();
    try {
      this.verify();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** @throws FileChangedError */
  verify(): void {
    const difference = describeDifference(this.#file.stamp, fstatSync(this.#descriptor));
    if (difference !== null) throw this.#changed(difference);
  }

  read(start: number, target: Uint8Array): void {
    if (start < 0 || start + target.length > this.nbytes) {
      throw new CheckpointFormatError(
        `${this.name}: a tensor wants the bytes ${start} to ${start + target.length} of the file, which has ${this.nbytes}.`,
        { file: this.name, offset: start },
      );
    }
    for (let done = 0; done < target.length; ) {
      const length = Math.min(MAX_PIECE, target.length - done);
      const got = this.#readSome(target.subarray(done, done + length), start + done);
      if (got === 0) throw this.#changed('it is shorter than it was');
      done += got;
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #open(): number {
    try {
      return openSync(this.path, 'r');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') throw this.#changed('it is gone');
      throw accessError(this.path, error);
    }
  }

  #readSome(target: Uint8Array, position: number): number {
    try {
      return readSync(this.#descriptor, target, 0, target.length, position);
    } catch (error) {
      throw accessError(this.path, error);
    }
  }

  #changed(difference: string): FileChangedError {
    return new FileChangedError(`${this.name} changed on disk since it was opened: ${difference}.`, {
      file: this.name,
    });
  }
}
