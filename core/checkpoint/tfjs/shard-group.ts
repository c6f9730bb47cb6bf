import type { ByteSource, FileSource } from '../byte-source.ts';
import type { ByteRun } from '../unpack/stored-bytes.ts';

/** The files of one group of weights, read as if they were one. */
export class ShardGroup implements ByteSource {
  readonly name: string;
  readonly size: number;
  /** Index of the first shard in `Checkpoint.files`. */
  readonly firstFile: number;
  readonly #shards: readonly FileSource[];

  constructor(name: string, shards: readonly FileSource[], first: number) {
    this.name = name;
    this.size = shards.reduce((sum, shard) => sum + shard.size, 0);
    this.#shards = shards;
    this.firstFile = first;
  }

  /** Where the bytes lie: one run, or one per shard that they span. */
  runs(start: number, nbytes: number): ByteRun[] {
    const runs: ByteRun[] = [];
    let base = 0;
    for (const [index, { size }] of this.#shards.entries()) {
      const from = Math.max(start, base);
      const to = Math.min(start + nbytes, base + size);
      if (from < to) runs.push({ file: this.firstFile + index, offset: from - base, nbytes: to - from });
      base += size;
      if (base >= start + nbytes) break;
    }
    return runs;
  }

  async read(start: number, nbytes: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for (const { file, offset, nbytes: length } of this.runs(start, nbytes)) {
      const shard = this.#shards[file - this.firstFile];
      if (shard) parts.push(await shard.read(offset, length));
    }
    const [only] = parts;
    return parts.length === 1 && only ? only : Buffer.concat(parts);
  }
}
