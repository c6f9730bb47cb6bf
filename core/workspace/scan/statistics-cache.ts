import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { describeDifference } from '../../checkpoint/byte-source.ts';
import { replaceFile } from '../../checkpoint/replace-file.ts';
import { ParascopeError } from '../../errors.ts';
import type { FileStamp, LazyTensor } from '../../ndarray/lazy-tensor.ts';
import { errnoOf } from '../errno.ts';
import { type RecordCodec, SCALARS } from './record-codec.ts';
import type { ScalarStats } from './scalar-stats.ts';
import { KnownStatistics, type Subject } from './statistics-file.ts';
import { TensorKeys } from './tensor-key.ts';

/** All files together; what was not asked for longest goes first. */
const MOST_FOLDER_BYTES = 256 * 1024 * 1024;
/** Scalars of a checkpoint of 200,000 tensors take 30 MB. */
const MOST_FILE_BYTES = 128 * 1024 * 1024;
/** Files of which the statistics are held in memory: as many as a large model has shards. */
const MOST_HELD = 256;
const ENDING = '.stats';

export interface StatisticsCacheOptions<Value> {
  /** Absolute path; made when needed. */
  readonly folder: string;
  readonly codec: RecordCodec<Value>;
  /** Of all files in the folder. */
  readonly mostBytes?: number;
  /** Of one file's records: what goes beyond is not kept. */
  readonly mostFileBytes?: number;
}

/** What scans found, for everything that shares a state directory. */
export function statisticsCacheIn(stateDirectory: string): StatisticsCache<ScalarStats> {
  return new StatisticsCache({ folder: join(stateDirectory, 'statistics'), codec: SCALARS });
}

interface Held<Value> {
  readonly known: KnownStatistics<Value>;
  unwritten: boolean;
}

/**
 * What scans found, by file and its state, kept on disk so that a second look is instant. A convenience: where
 * it cannot be read, or written, statistics are computed again.
 */
export class StatisticsCache<Value> {
  readonly #folder: string;
  readonly #codec: RecordCodec<Value>;
  readonly #mostBytes: number;
  readonly #mostRecords: number;
  readonly #held = new Map<string, Held<Value>>();
  readonly #opening = new Map<string, Promise<void>>();
  readonly #keys = new TensorKeys();

  constructor(options: StatisticsCacheOptions<Value>) {
    const { folder, codec, mostBytes = MOST_FOLDER_BYTES, mostFileBytes = MOST_FILE_BYTES } = options;
    this.#folder = folder;
    this.#codec = codec;
    this.#mostBytes = mostBytes;
    this.#mostRecords = Math.floor(mostFileBytes / (8 * codec.width));
  }

  /** Makes ready what earlier runs found of a file in this state; `get` and `put` then know it. */
  async open(path: string, stamp: FileStamp): Promise<void> {
    if (this.#isHeld(path, stamp)) return;
    // One after the other: the second must not take away what was put since the first.
    const opening = (this.#opening.get(path) ?? Promise.resolve()).then(() => this.#hold({ path, stamp }));
    this.#opening.set(path, opening);
    await opening;
    if (this.#opening.get(path) === opening) this.#opening.delete(path);
  }

  #isHeld(path: string, stamp: FileStamp): boolean {
    const held = this.#held.get(path);
    if (!held || describeDifference(held.known.subject.stamp, stamp) !== null) return false;
    // The last that was asked for goes last.
    this.#held.delete(path);
    this.#held.set(path, held);
    return true;
  }

  async #hold(subject: Subject): Promise<void> {
    if (this.#isHeld(subject.path, subject.stamp)) return;
    const known = (await this.#read(subject)) ?? new KnownStatistics(this.#codec, subject);
    this.#held.set(subject.path, { known, unwritten: false });
    await this.#letGo();
  }

  get(tensor: LazyTensor): Value | null {
    const key = this.#keys.keyOf(tensor);
    return key === null ? null : (this.#heldOf(tensor)?.known.get(key) ?? null);
  }

  put(tensor: LazyTensor, value: Value): void {
    const held = this.#heldOf(tensor);
    const key = this.#keys.keyOf(tensor);
    if (!held || key === null || held.known.count >= this.#mostRecords) return;
    held.known.put(key, value);
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
  #heldOf({ region }: LazyTensor): Held<Value> | null {
    const held = this.#held.get(region.path);
    return held && describeDifference(held.known.subject.stamp, region.stamp) === null ? held : null;
  }

  async #letGo(): Promise<void> {
    for (const [path, held] of this.#held) {
      if (this.#held.size <= MOST_HELD) return;
      if (held.unwritten) await this.#write(held);
      this.#held.delete(path);
    }
  }

  async #read(subject: Subject): Promise<KnownStatistics<Value> | null> {
    const file = this.#fileOf(subject);
    return await ignoringSystem(async () => {
      const known = await KnownStatistics.decode(await readFile(file), this.#codec, subject);
      const now = new Date();
      if (known) await utimes(file, now, now);
      return known;
    });
  }

  async #write(held: Held<Value>): Promise<void> {
    held.unwritten = false;
    await ignoringSystem(async () => {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await replaceFile(this.#fileOf(held.known.subject), async (sink) => {
        for (const piece of held.known.encode()) await sink.write(piece);
      });
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

  #fileOf({ path }: Subject): string {
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
