import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { CancelledError, InvalidArgumentError, OutOfMemoryError } from '../../errors.ts';
import type { ScratchFolder } from './scratch-folder.ts';
import type { ScratchValue } from './scratch-value.ts';

/** What a disk should keep for everybody else. */
const RESERVE = 256 * 1024 * 1024;
/** Of the free space that unpacked values may take where no limit is set. */
const SHARE = 0.8;

export interface SpaceRequest {
  /** All other values, the one used last at the end. */
  others(): readonly ScratchValue[];
  isCancelled(): boolean;
  /** Whether to wait for what others hold. */
  readonly wait: boolean;
}

interface Room {
  readonly fits: boolean;
  readonly taken: number;
  readonly free: number;
  /** Bytes that come free once others let go. */
  readonly held: number;
}

function sizeOf(values: readonly ScratchValue[]): number {
  return values.reduce((sum, { nbytes }) => sum + nbytes, 0);
}

/** Keeps unpacked values below a limit, and the disk from filling up: what nobody looks at goes first, the oldest before the others. */
export class ScratchSpace {
  readonly #folder: ScratchFolder;
  #limit: number | null;
  /** Reservations wait for each other, or two would count on the same bytes. */
  #last: Promise<unknown> = Promise.resolve();
  readonly #sleepers: (() => void)[] = [];

  constructor(folder: ScratchFolder, limit: number | null) {
    this.#folder = folder;
    this.#limit = limit;
  }

  /** The path of a new file for `nbytes`. @throws OutOfMemoryError, CancelledError */
  reserve(nbytes: number, request: SpaceRequest): Promise<string> {
    // Those that hold something must not stand behind those that wait for them.
    if (!request.wait) return this.#reserve(nbytes, request);
    const path = this.#last.then(() => this.#reserve(nbytes, request));
    this.#last = path.catch(() => {});
    return path;
  }

  /** There may be room now for those who wait. */
  wake(): void {
    for (const resume of this.#sleepers.splice(0)) resume();
  }

  async #reserve(nbytes: number, { others, isCancelled, wait }: SpaceRequest): Promise<string> {
    const folder = await this.#folder.path();
    const limit = await this.#bytes();
    while (true) {
      if (isCancelled()) throw new CancelledError();
      const room = await this.#makeRoom(nbytes, { limit, values: others().filter(({ isPlaced }) => isPlaced) });
      if (room.fits) return join(folder, randomBytes(8).toString('hex'));
      const mayFit = wait && room.held > 0 && nbytes <= limit && nbytes + RESERVE <= room.free + room.held;
      if (!mayFit)
        throw room.taken + nbytes > limit ? tooMuch(nbytes, { limit, ...room }) : tooLittle(nbytes, room.free);
      await new Promise<void>((resume) => this.#sleepers.push(resume));
    }
  }

  /** Removes what nobody looks at until there is room for `nbytes`. */
  async #makeRoom(
    nbytes: number,
    { limit, values }: { readonly limit: number; readonly values: readonly ScratchValue[] },
  ): Promise<Room> {
    let taken = sizeOf(values);
    // What is being unpacked has not taken all of its bytes yet.
    const coming = sizeOf(values.filter(({ isThere }) => !isThere));
    let free = (await this.#folder.free()) - coming;
    const fits = (): boolean => taken + nbytes <= limit && free >= nbytes + RESERVE;
    for (const value of values) {
      if (fits()) break;
      if (!value.isIdle) continue;
      await value.forget();
      taken -= value.nbytes;
      free = (await this.#folder.free()) - coming;
    }
    return { fits: fits(), taken, free, held: sizeOf(values.filter(({ isIdle, isPlaced }) => isPlaced && !isIdle)) };
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
