import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { describeDifference } from '../../checkpoint/byte-source.ts';
import { replaceFile } from '../../checkpoint/replace-file.ts';
import { ParascopeError } from '../../errors.ts';
import type { FileStamp, LazyTensor } from '../../ndarray/lazy-tensor.ts';
import { errnoOf } from '../errno.ts';
import type { ScalarStats } from './scalar-stats.ts';
import { KnownStatistics } from './statistics-file.ts';
import { TensorKeys } from './tensor-key.ts';

/** All files together; what was not asked for longest goes first. */
const MOST_FOLDER_BYTES = 256 * 1024 * 1024;
/** A checkpoint of 200,000 tensors takes 30 MB; larger ones are held for this run alone. */
const MOST_FILE_BYTES = 128 * 1024 * 1024;
/** Files of which the statistics are held in memory: as many as a large model has shards. */
const MOST_HELD = 256;
const ENDING = '.stats';

export interface StatisticsCacheOptions {
  /** Absolute path; made when needed. */
  readonly folder: string;
  /** Of all files in the folder. */
  readonly mostBytes?: number;
}

/** The cache of everything that shares a state directory. */
export function statisticsCacheIn(stateDirectory: string): StatisticsCache {
  return new StatisticsCache({ folder: join(stateDirectory, 'statistics') });
}

interface Held {
  readonly known: KnownStatistics;
  unwritten: boolean;
}

/**
 * What scans found, by file and its state, kept on disk so that a second look is instant. A convenience: where
 * it cannot be read, or written, statistics are computed again.
 */
export class StatisticsCache {
  readonly #folder: string;
  readonly #mostBytes: number;
  readonly #held = new Map<string, Held>();
  readonly #keys = new TensorKeys();

  constructor({ folder, mostBytes = MOST_FOLDER_BYTES }: StatisticsCacheOptions) {
    this.#folder = folder;
    this.#mostBytes = mostBytes;
  }

  /** Makes ready what earlier runs found of a file in this state; `get` and `put` then know it. */
  async open(path: string, stamp: FileStamp): Promise<void> {
    const held = this.#held.get(path);
    if (held && describeDifference(held.known.stamp, stamp) === null) {
      // The last that was asked for goes last.
      this.#held.delete(path);
      this.#held.set(path, held);
      return;
    }
    const known = (await this.#read(path, stamp)) ?? new KnownStatistics(path, stamp);
    this.#held.set(path, { known, unwritten: false });
    await this.#letGo();
  }

  get(tensor: LazyTensor): ScalarStats | null {
    const key = this.#keys.keyOf(tensor);
    return key === null ? null : (this.#heldOf(tensor)?.known.get(key) ?? null);
  }

  put(tensor: LazyTensor, statistics: ScalarStats): void {
    const held = this.#heldOf(tensor);
    const key = this.#keys.keyOf(tensor);
    if (!held || key === null) return;
    held.known.put(key, statistics);
    held.unwritten = true;
  }

  /** Writes what is new. */
  async flush(): Promise<void> {
    const unwritten = [...this.#held.values()].filter((held) => held.unwritten);
    if (unwritten.length === 0) return;
    for (const held of unwritten) await this.#write(held);
    await ignoringSystem(() => this.#prune());
  }

  /** Null where nothing is held of the tensor's file in the state that it was opened in. */
  #heldOf({ region }: LazyTensor): Held | null {
    const held = this.#held.get(region.path);
    return held && describeDifference(held.known.stamp, region.stamp) === null ? held : null;
  }

  async #letGo(): Promise<void> {
    for (const [path, held] of this.#held) {
      if (this.#held.size <= MOST_HELD) return;
      if (held.unwritten) await this.#write(held);
      this.#held.delete(path);
    }
  }

  async #read(path: string, stamp: FileStamp): Promise<KnownStatistics | null> {
    const file = this.#fileOf(path);
    return await ignoringSystem(async () => {
      if ((await stat(file)).size > MOST_FILE_BYTES) return null;
      const known = await KnownStatistics.decode(await readFile(file), path, stamp);
      const now = new Date();
      if (known) await utimes(file, now, now);
      return known;
    });
  }

  async #write(held: Held): Promise<void> {
    held.unwritten = false;
    const bytes = held.known.encode();
    if (bytes.length > MOST_FILE_BYTES) return;
    await ignoringSystem(async () => {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await replaceFile(this.#fileOf(held.known.path), (sink) => sink.write(bytes));
    });
  }

  /** Removes the files that were asked for longest ago until the rest is small enough. */
  async #prune(): Promise<void> {
    const names = (await readdir(this.#folder)).filter((name) => name.endsWith(ENDING));
    const files = await Promise.all(
      names.map(async (name) => {
        const { size, mtimeMs } = await stat(join(this.#folder, name));
        return { name, size, mtimeMs };
      }),
    );
    let total = files.reduce((sum, { size }) => sum + size, 0);
    for (const { name, size } of files.sort((a, b) => a.mtimeMs - b.mtimeMs)) {
      if (total <= this.#mostBytes) return;
      await rm(join(this.#folder, name), { force: true });
      total -= size;
    }
  }

  #fileOf(path: string): string {
    return join(this.#folder, createHash('sha256').update(path).digest('hex').slice(0, 32) + ENDING);
  }
}

/** A folder that cannot be used, and a file that another process just removed, are no reason to fail. */
async function ignoringSystem<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ParascopeError || errnoOf(error) !== null) return null;
    throw error;
  }
}
