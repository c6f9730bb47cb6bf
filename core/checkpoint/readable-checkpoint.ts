import { basename } from 'node:path';
import { InvalidArgumentError, InvalidStateError } from '../errors.ts';
import type { FileSource } from './byte-source.ts';
import type {
  ByteRange,
  Checkpoint,
  CheckpointFile,
  CheckpointFormat,
  Entry,
  OtherArray,
  ValueNode,
} from './checkpoint.ts';
import { readEntry } from './entry-bytes.ts';

export interface ReadableStructure {
  readonly format: CheckpointFormat;
  /** What the user named; by default the first file. */
  readonly path?: string;
  /** What `Entry.file` counts. */
  readonly sources: readonly FileSource[];
  readonly entries: readonly Entry[];
  readonly metadata?: Readonly<Record<string, string>>;
  readonly values?: readonly ValueNode[];
  readonly others?: readonly OtherArray[];
}

/**
 * A checkpoint whose reader has found the structure: what most formats give back. Entries that bear one
 * name (`a.b` as a key, and `b` under `a`) are told apart by a number.
 */
export class ReadableCheckpoint implements Checkpoint {
  readonly format: CheckpointFormat;
  readonly path: string;
  readonly files: readonly CheckpointFile[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly entries: readonly Entry[];
  readonly values?: readonly ValueNode[];
  readonly others?: readonly OtherArray[];
  readonly #byName: ReadonlyMap<string, Entry>;
  #closed = false;

  constructor({ format, path, sources, entries, metadata = {}, values, others }: ReadableStructure) {
    const named = path ?? sources[0]?.path;
    if (named === undefined) throw new InvalidArgumentError(`A ${format} checkpoint without files was described.`);
    this.format = format;
    this.path = named;
    this.files = sources.map((source) => ({ path: source.path, stamp: source.stamp }));
    this.metadata = metadata;
    if (values && values.length > 0) this.values = values;
    if (others && others.length > 0) this.others = others;
    const byName = withOwnNames(entries);
    this.#byName = byName;
    this.entries = [...byName.values()];
  }

  find(name: string): Entry | undefined {
    return this.#byName.get(name);
  }

  async read(entry: Entry, range?: ByteRange): Promise<Uint8Array> {
    if (this.#closed) {
      throw new InvalidStateError(`${basename(this.path)} was closed; open it again to read from it.`);
    }
    return await readEntry(this, entry, range);
  }

  async close(): Promise<void> {
    this.#closed = true;
  }
}

function withOwnNames(entries: readonly Entry[]): Map<string, Entry> {
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  return byName.size === entries.length ? byName : withNumbers(entries);
}

function withNumbers(entries: readonly Entry[]): Map<string, Entry> {
  const byName = new Map<string, Entry>();
  const taken = new Set(entries.map(({ name }) => name));
  for (const entry of entries) {
    let name = entry.name;
    for (let n = 2; byName.has(name) || (name !== entry.name && taken.has(name)); n++) name = `${entry.name}#${n}`;
    byName.set(name, name === entry.name ? entry : { ...entry, name });
  }
  return byName;
}
