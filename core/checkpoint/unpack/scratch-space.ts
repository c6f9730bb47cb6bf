import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { InvalidArgumentError, OutOfMemoryError } from '../../errors.ts';
import type { ScratchFolder } from './scratch-folder.ts';
import type { ScratchValue } from './scratch-value.ts';

/** What a disk should keep for everybody else. */
const RESERVE = 256 * 1024 * 1024;
/** Of the free space that unpacked values may take where no limit is set. */
const SHARE = 0.8;

/** Keeps unpacked values below a limit, and the disk from filling up: what nobody looks at goes first, the oldest before the others. */
export class ScratchSpace {
  readonly #folder: ScratchFolder;
  #limit: number | null;
  /** Reservations wait for each other, or two would count on the same bytes. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(folder: ScratchFolder, limit: number | null) {
    this.#folder = folder;
    this.#limit = limit;
  }

  /** The path of a new file for `nbytes`. `others` are all values, the one used last at the end. @throws OutOfMemoryError */
  reserve(nbytes: number, others: () => Iterable<ScratchValue>): Promise<string> {
    const path = this.#last.then(() => this.#reserve(nbytes, others));
    this.#last = path.catch(() => {});
    return path;
  }

  async #reserve(nbytes: number, others: () => Iterable<ScratchValue>): Promise<string> {
    const folder = await this.#folder.path();
    const limit = await this.#bytes();
    const values = [...others()];
    let taken = values.reduce((sum, value) => sum + value.nbytes, 0);
    let free = await this.#folder.free();
    for (const value of values) {
      if (taken + nbytes <= limit && free >= nbytes + RESERVE) break;
      if (!value.isIdle) continue;
      await value.forget();
      taken -= value.nbytes;
      free = await this.#folder.free();
    }
    if (taken + nbytes > limit) throw tooMuch(nbytes, { limit, taken });
    if (free < nbytes + RESERVE) throw tooLittle(nbytes, free);
    return join(folder, randomBytes(8).toString('hex'));
  }

  async #bytes(): Promise<number> {
    this.#limit ??= limitFromEnvironment() ?? Math.floor((await this.#folder.free()) * SHARE);
    return this.#limit;
  }
}

function limitFromEnvironment(): number | null {
  const text = process.env.PARASCOPE_SCRATCH_LIMIT;
  if (!text) return null;
  const limit = Number(text);
  if (Number.isSafeInteger(limit) && limit > 0) return limit;
  throw new InvalidArgumentError(`PARASCOPE_SCRATCH_LIMIT must be a number of bytes, not '${text}'.`);
}

function tooMuch(
  nbytes: number,
  { limit, taken }: { readonly limit: number; readonly taken: number },
): OutOfMemoryError {
  return new OutOfMemoryError(
    `Unpacking this tensor takes ${nbytes} bytes of scratch space; ${taken} of the ${limit} allowed are in use. ` +
      'Wait for other work to end, or set PARASCOPE_SCRATCH_LIMIT to more bytes.',
    { bytes: nbytes, limit, taken },
  );
}

function tooLittle(nbytes: number, free: number): OutOfMemoryError {
  return new OutOfMemoryError(
    `Unpacking this tensor takes ${nbytes} bytes of scratch space, and only ${free} are free on that disk. ` +
      'Free space, or set PARASCOPE_SCRATCH to a folder on another disk.',
    { bytes: nbytes, free },
  );
}
