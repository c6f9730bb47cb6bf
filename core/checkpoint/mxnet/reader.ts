import { InvalidArgumentError, InvalidStateError } from '../../errors.ts';
import { bytesFor } from '../../ndarray/dtype.ts';
import { elementCount } from '../../ndarray/shape.ts';
import type { FileSource } from '../byte-source.ts';
import type { ByteRange, Checkpoint, CheckpointFile, Entry } from '../checkpoint.ts';
import { denseBytes } from '../dense-bytes.ts';
import { entryRange } from '../entry-range.ts';
import { type ListFile, readListFile } from './list-file.ts';
import type { ArrayRecord } from './record.ts';

/**
 * An MXNet list file (`.params`, `.nd`). Arrays of a list without names are called by their position;
 * of arrays with one name the last counts, as in MXNet's own dict; records of "no array" show nowhere.
 */
export class MXNetCheckpoint implements Checkpoint {
  readonly format = 'mxnet';
  readonly path: string;
  readonly files: readonly CheckpointFile[];
  /** The format has none. */
  readonly metadata: Readonly<Record<string, string>> = {};
  readonly entries: readonly Entry[];
  /** What the writer goes by. */
  readonly list: ListFile;
  readonly #source: FileSource;
  /** Index into `entries`. */
  readonly #byName: ReadonlyMap<string, number>;
  /** Index into `list.records`; parallel to `entries`. */
  readonly #records: readonly number[];
  #closed = false;

  constructor(source: FileSource, list: ListFile) {
    this.path = source.path;
    this.files = [{ path: source.path, stamp: source.stamp }];
    this.list = list;
    this.#source = source;
    const byName = new Map<string, number>();
    const nameOf = (index: number): string => list.names?.[index] ?? String(index);
    for (const index of list.records.keys()) byName.set(nameOf(index), index);
    const entries: Entry[] = [];
    const records: number[] = [];
    for (const [index, { array }] of list.records.entries()) {
      const name = nameOf(index);
      if (byName.get(name) !== index) continue;
      if (array) {
        byName.set(name, entries.length);
        entries.push(entryOf(name, array));
        records.push(index);
      } else byName.delete(name);
    }
    this.#byName = byName;
    this.#records = records;
    this.entries = entries;
  }

  find(name: string): Entry | undefined {
    const index = this.#byName.get(name);
    return index === undefined ? undefined : this.entries[index];
  }

  /** Index into `list.records`. @throws InvalidArgumentError for an entry of another checkpoint. */
  recordOf(entry: Entry): number {
    const position = this.#byName.get(entry.name) ?? -1;
    const index = this.#records[position];
    if (index !== undefined && this.entries[position] === entry) return index;
    throw new InvalidArgumentError(`Tensor ${JSON.stringify(entry.name)} is not of this checkpoint.`);
  }

  /** Of a sparse array the bytes of its dense form. */
  async read(entry: Entry, range?: ByteRange): Promise<Uint8Array> {
    const { start, nbytes } = entryRange(entry, range);
    if (this.#closed) throw new InvalidStateError(`${this.#source.name} was closed; open it again to read from it.`);
    const { sparse, dtype, shape, offset } = entry;
    if (!sparse) return await this.#source.read(start, nbytes);
    return await denseBytes(
      this.#source,
      { layout: sparse.layout, dtype, shape, offset },
      { start: start - offset, nbytes },
    );
  }

  async close(): Promise<void> {
    this.#closed = true;
  }
}

function entryOf(name: string, array: NonNullable<ArrayRecord['array']>): Entry {
  const { dtype, shape, offset, storedBytes, sparse } = array;
  const nbytes = bytesFor(dtype, elementCount(shape));
  const entry = { name, dtype, shape, nbytes, file: 0, offset };
  return sparse ? { ...entry, sparse: { layout: sparse.layout, storedBytes } } : entry;
}

export async function openMXNet(source: FileSource): Promise<MXNetCheckpoint> {
  return new MXNetCheckpoint(source, await readListFile(source));
}
