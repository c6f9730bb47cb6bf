import { basename } from 'node:path';
import { CheckpointFormatError } from '../../errors.ts';
import { FileSource } from '../byte-source.ts';
import { resolveShard } from '../safetensors/shard-path.ts';

/** As many as their names can number. */
const MAX_SHARDS = 99_999;

/** `model.ckpt` of `model.ckpt.index` or of `model.ckpt.data-00000-of-00001`; null for another name. */
export function prefixOf(path: string): string | null {
  return /^(.+)\.(?:index|data-\d{5}-of-\d{5})$/s.exec(path)?.[1] ?? null;
}

/** The data files of a checkpoint, opened as they are asked for. */
export class Shards {
  readonly #indexPath: string;
  readonly #count: number;
  readonly #places = new Map<number, number>();
  readonly sources: FileSource[] = [];

  constructor(index: FileSource, count: number) {
    this.#indexPath = index.path;
    this.#count = count;
    if (!Number.isSafeInteger(count) || count < 0 || count > MAX_SHARDS) {
      throw new CheckpointFormatError(`${index.name}: ${count} data files are announced; up to ${MAX_SHARDS} can be.`, {
        file: index.name,
      });
    }
  }

  /** The index of a data file in `Checkpoint.files`, with the file. @throws CheckpointFormatError where it is missing */
  async open(shard: number): Promise<{ readonly file: number; readonly source: FileSource }> {
    const known = this.#places.get(shard);
    const held = known === undefined ? undefined : this.sources[known];
    if (known !== undefined && held) return { file: known, source: held };
    const index = basename(this.#indexPath);
    if (shard >= this.#count) {
      throw new CheckpointFormatError(`${index}: a tensor is in data file ${shard} of ${this.#count}.`, {
        file: index,
      });
    }
    const number = (value: number): string => String(value).padStart(5, '0');
    const name = `${prefixOf(index)}.data-${number(shard)}-of-${number(this.#count)}`;
    const source = await FileSource.open(await resolveShard(this.#indexPath, name, { list: 'the index' }));
    const file = this.sources.push(source) - 1;
    this.#places.set(shard, file);
    return { file, source };
  }
}
