import type { Stats } from 'node:fs';
import { type FileHandle, open, realpath, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { FileAccessError, FileChangedError, InvalidArgumentError } from '../errors.ts';
import type { FileStamp } from '../ndarray/lazy-tensor.ts';
import { accessError, missingFile } from './file-errors.ts';
import { windowsOf } from './read-windows.ts';

/** Node aborts the process on one read of 2^31 bytes or more; smaller pieces also keep cancellation near. */
const MAX_PIECE = 64 * 1024 * 1024;

/** Files that are about to take the places of others, by the real paths of those; null where one goes without another. */
export type StandIns = ReadonlyMap<string, string | null>;

const NO_STAND_INS: StandIns = new Map();

/** Small reads that wait for the disk side by side. */
const READS_AT_ONCE = 16;

/** One answer in memory; whoever wants more reads it in ranges. */
export const MAX_READ = 1024 * 1024 * 1024;

/** Ranged bytes of something that does not change: what parsers read, instead of files. */
export interface ByteSource {
  /** For messages: the file's own name, never a path. */
  readonly name: string;
  readonly size: number;
  /** @throws FileChangedError where the bytes are no longer those that were opened. */
  read(start: number, nbytes: number): Promise<Uint8Array>;
  /** Many small ranges at the price of one opening. */
  readMany?(ranges: readonly SourceRange[]): Promise<Uint8Array[]>;
}

export interface SourceRange {
  readonly start: number;
  readonly nbytes: number;
}

/** Many small ranges, with one opening where the source can. */
export async function readRanges(source: ByteSource, ranges: readonly SourceRange[]): Promise<Uint8Array[]> {
  if (source.readMany) return await source.readMany(ranges);
  return await Promise.all(ranges.map(({ start, nbytes }) => source.read(start, nbytes)));
}

/**
 * A file as it was when it was opened. No handle stays open between reads, so that a file replaced
 * under its name is noticed and a checkpoint of a thousand shards holds no thousand descriptors.
 */
export class FileSource implements ByteSource {
  readonly path: string;
  readonly name: string;
  readonly stamp: FileStamp;
  readonly #standIns: StandIns;
  /** Where its bytes are. */
  readonly #place: string;

  private constructor(path: string, stamp: FileStamp, standIn?: { readonly all: StandIns; readonly place: string }) {
    this.path = path;
    this.name = basename(path);
    this.stamp = stamp;
    this.#standIns = standIn?.all ?? NO_STAND_INS;
    this.#place = standIn?.place ?? path;
  }

  /**
   * `standIns` are read in the place of what lies at `path`, and of what lies beside it.
   *
   * @throws FileAccessError where there is no readable regular file at `path`.
   */
  static async open(path: string, standIns: StandIns = NO_STAND_INS): Promise<FileSource> {
    const absolute = resolve(path);
    if (standIns.size === 0) return new FileSource(absolute, await stampOf(absolute));
    const real = await realpath(absolute).catch(() => absolute);
    const place = standIns.has(real) ? standIns.get(real) : absolute;
    if (!place) throw missingFile(absolute);
    return new FileSource(absolute, await stampOf(place), { all: standIns, place });
  }

  /** Another file of the same checkpoint. @throws FileAccessError as `open` */
  beside(path: string): Promise<FileSource> {
    return FileSource.open(path, this.#standIns);
  }

  /** A file that was opened before: the first read says whether it is still the same. */
  static known({ path, stamp }: { readonly path: string; readonly stamp: FileStamp }): FileSource {
    return new FileSource(path, stamp);
  }

  get size(): number {
    return this.stamp.size;
  }

  /** @throws FileChangedError where the file is no longer the one that was opened. */
  async verify(): Promise<void> {
    await using handle = await this.reopen();
    this.assertSame(await handle.stat());
  }

  async read(start: number, nbytes: number): Promise<Uint8Array> {
    const [bytes] = await this.readMany([{ start, nbytes }]);
    return bytes ?? new Uint8Array();
  }

  async readMany(ranges: readonly SourceRange[]): Promise<Uint8Array[]> {
    this.checkRanges(ranges);
    await using handle = await this.reopen();
    this.assertSame(await handle.stat());
    const results = new Array<Uint8Array>(ranges.length).fill(NOTHING);
    const windows = windowsOf(ranges);
    for (let done = 0; done < windows.length; done += READS_AT_ONCE) {
      const reads = windows.slice(done, done + READS_AT_ONCE).map(async ({ start, stop, members }) => {
        const bytes = await this.readExactly(handle, start, stop - start);
        for (const index of members) {
          const range = ranges[index];
          if (!range) continue;
          const part = bytes.subarray(range.start - start, range.start - start + range.nbytes);
          // Of several each gets bytes of its own: none shall hold on to the window.
          results[index] = members.length === 1 ? part : Buffer.from(part);
        }
      });
      await Promise.allSettled(reads);
      await Promise.all(reads);
    }
    this.assertSame(await handle.stat());
    return results;
  }

  private checkRanges(ranges: readonly SourceRange[]): void {
    const total = ranges.reduce((sum, { nbytes }) => sum + nbytes, 0);
    if (total > MAX_READ) {
      throw new InvalidArgumentError(`${this.name}: ${total} bytes asked for at once; the limit is ${MAX_READ}.`);
    }
    const bad = ranges.find(({ start, nbytes }) => start < 0 || nbytes < 0 || start + nbytes > this.size);
    if (!bad) return;
    throw new InvalidArgumentError(
      `${this.name}: bytes ${bad.start} to ${bad.start + bad.nbytes} asked for; the file has ${this.size}.`,
    );
  }

  private async reopen(): Promise<FileHandle> {
    try {
      return await open(this.#place, 'r');
    } catch (error) {
      if (isCode(error, 'ENOENT')) {
        throw new FileChangedError(`${this.name} was moved or deleted since it was opened.`, { file: this.name });
      }
      throw accessError(this.path, error);
    }
  }

  private assertSame(stats: Stats): void {
    const difference = describeDifference(this.stamp, stampFrom(stats));
    if (difference === null) return;
    throw new FileChangedError(`${this.name} changed on disk since it was opened: ${difference}.`, { file: this.name });
  }

  private async readExactly(handle: FileHandle, start: number, nbytes: number): Promise<Uint8Array> {
    const bytes = Buffer.allocUnsafeSlow(nbytes);
    let done = 0;
    while (done < nbytes) {
      const length = Math.min(MAX_PIECE, nbytes - done);
      const { bytesRead } = await handle.read(bytes, done, length, start + done);
      if (bytesRead === 0) {
        throw new FileChangedError(`${this.name} ended at byte ${start + done}, before its ${this.size} bytes.`, {
          file: this.name,
          offset: start + done,
        });
      }
      done += bytesRead;
    }
    return bytes;
  }
}

const NOTHING = new Uint8Array();

/**
 * What tells this state of a file from another.
 *
 * @throws FileAccessError where there is no regular file at `path`; opening a pipe would block forever.
 */
export async function stampOf(path: string): Promise<FileStamp> {
  let stats: Stats;
  try {
    stats = await stat(path);
  } catch (error) {
    throw accessError(path, error);
  }
  const kind = kindOf(stats);
  if (kind === null) return stampFrom(stats);
  const name = basename(path);
  throw new FileAccessError(
    kind === 'folder'
      ? `${name} is a folder: open the checkpoint inside it.`
      : `${name} is a ${kind}, not a regular file.`,
    { file: name, kind },
  );
}

/** What differs between two stamps, as the end of a sentence; null where nothing does. */
export function describeDifference(opened: FileStamp, now: FileStamp): string | null {
  if (now.size !== opened.size) return `it had ${opened.size} bytes and now has ${now.size}`;
  if (now.ino !== opened.ino) return 'another file took its place';
  if (now.mtimeMs !== opened.mtimeMs) {
    return `it was written at ${new Date(now.mtimeMs).toISOString()}`;
  }
  return null;
}

function stampFrom(stats: Stats): FileStamp {
  return { size: stats.size, mtimeMs: stats.mtimeMs, ino: stats.ino };
}

function kindOf(stats: Stats): string | null {
  if (stats.isFile()) return null;
  if (stats.isDirectory()) return 'folder';
  if (stats.isFIFO()) return 'named pipe';
  if (stats.isSocket()) return 'socket';
  return 'device';
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
