import { closeSync, ftruncateSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { OutOfMemoryError } from '../../../errors.ts';
import type { RandomBytes } from '../decoder.ts';

/** Only the user may read what was in a checkpoint. */
const PRIVATE = 0o600;
/** Runs of zeros of this length stay holes of the file: they take no disk. */
const HOLE = 64 * 1024;
const ZEROS = Buffer.alloc(HOLE);

/** A new file of the scratch folder, all zeros at first. */
export class ScratchFile implements RandomBytes {
  readonly nbytes: number;
  readonly #path: string;
  readonly #descriptor: number;

  constructor(path: string, nbytes: number) {
    this.nbytes = nbytes;
    this.#path = path;
    this.#descriptor = openSync(path, 'wx+', PRIVATE);
    ftruncateSync(this.#descriptor, nbytes);
  }

  write(bytes: Uint8Array, position: number): void {
    if (position < 0 || position + bytes.length > this.nbytes) {
      throw new RangeError(`Bytes ${position} to ${position + bytes.length} of a scratch file of ${this.nbytes}.`);
    }
    let from = 0;
    for (let at = 0; at < bytes.length; at += HOLE) {
      const piece = bytes.subarray(at, at + HOLE);
      if (!ZEROS.subarray(0, piece.length).equals(piece)) continue;
      this.#write(bytes.subarray(from, at), position + from);
      from = at + piece.length;
    }
    this.#write(bytes.subarray(from), position + from);
  }

  read(start: number, target: Uint8Array): void {
    for (let done = 0; done < target.length; ) {
      const got = readSync(this.#descriptor, target, done, target.length - done, start + done);
      if (got === 0) throw new RangeError(`Byte ${start + done} of a scratch file of ${this.nbytes}.`);
      done += got;
    }
  }

  /** Its bytes go as soon as it is closed, whatever happens to the process. */
  unlink(): void {
    unlinkSync(this.#path);
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #write(bytes: Uint8Array, position: number): void {
    try {
      for (let done = 0; done < bytes.length; ) {
        done += writeSync(this.#descriptor, bytes, done, bytes.length - done, position + done);
      }
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')))
        throw error;
      throw new OutOfMemoryError(
        `The disk filled up while a tensor was unpacked. Free space, or set PARASCOPE_SCRATCH to a folder on another disk.`,
        { bytes: this.nbytes },
      );
    }
  }
}
