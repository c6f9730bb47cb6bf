import { join } from 'node:path';
import { FileSource } from '../../checkpoint/byte-source.ts';
import type { FileRegion, LazyTensor } from '../../ndarray/lazy-tensor.ts';
import type { TensorStats } from '../../stats/engine.ts';
import type { StatisticsMemory, StatsWish } from '../../stats/memory.ts';
import { isKept, WHOLE } from './record-codec.ts';
import { StatisticsCache } from './statistics-cache.ts';

/** Some 12,000 tensors, of one file: those of larger ones are computed again. */
const MOST_FILE_BYTES = 16 * 1024 * 1024;
/** What a kill may cost. */
const WRITE_AFTER_MS = 2_000;
/** A command that asks for thousands of tensors in a row looks at their file this often. */
const VERIFIED_FOR_MS = 250;

/** Keeps what engines find of tensors, with quantiles and histogram, on disk: the next look is instant. */
export class StatisticsArchive implements StatisticsMemory {
  readonly #cache: StatisticsCache<TensorStats>;
  /** When each file was last seen to be the one that was opened. */
  readonly #verified = new Map<string, number>();
  #timer: NodeJS.Timeout | null = null;

  constructor(folder: string) {
    this.#cache = new StatisticsCache({ folder, codec: WHOLE, mostFileBytes: MOST_FILE_BYTES });
  }

  async recall(tensor: LazyTensor, wish: StatsWish): Promise<TensorStats | null> {
    if (!isKept(wish)) return null;
    const { region } = tensor;
    await this.#cache.open(region.path, region.stamp);
    const known = this.#cache.get(tensor);
    if (known) await this.#verify(region);
    return known;
  }

  keep(tensor: LazyTensor, wish: StatsWish, found: TensorStats): void {
    if (!isKept(wish)) return;
    this.#cache.put(tensor, found);
    this.#timer ??= setTimeout(() => void this.#write(), WRITE_AFTER_MS).unref();
  }

  close(): Promise<void> {
    return this.#write();
  }

  async #write(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    await this.#cache.flush();
  }

  async #verify(region: FileRegion): Promise<void> {
    const key = `${region.path} ${region.stamp.mtimeMs} ${region.stamp.ino} ${region.stamp.size}`;
    const now = performance.now();
    if (now - (this.#verified.get(key) ?? Number.NEGATIVE_INFINITY) < VERIFIED_FOR_MS) return;
    await FileSource.known(region).verify();
    this.#verified.set(key, now);
  }
}

/** The archive of everything that shares a state directory. */
export function statisticsArchiveIn(stateDirectory: string): StatisticsArchive {
  return new StatisticsArchive(join(stateDirectory, 'statistics', 'whole'));
}
