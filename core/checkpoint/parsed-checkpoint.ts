import { CheckpointFormatError, InvalidArgumentError, InvalidStateError } from '../errors.ts';
import { FileSource } from './byte-source.ts';
import type {
  ByteRange,
  Checkpoint,
  CheckpointFile,
  CheckpointFormat,
  Entry,
  OtherArray,
  ValueNode,
} from './checkpoint.ts';
import { entryRange } from './entry-range.ts';
import { lazyEntry } from './lazy-entry.ts';
import { scratchUnpacker } from './unpack/scratch-unpacker.ts';

export interface ParsedStructure {
  readonly format: CheckpointFormat;
  /** The file that the user named. */
  readonly path: string;
  /** What `Entry.file` counts. */
  readonly sources: readonly FileSource[];
  readonly metadata?: Readonly<Record<string, string>>;
  readonly entries: readonly Entry[];
  readonly values?: readonly ValueNode[];
  readonly others?: readonly OtherArray[];
}

/** A checkpoint of which nothing is kept but what its parser found. */
export class ParsedCheckpoint implements Checkpoint {
  readonly format: CheckpointFormat;
  readonly path: string;
  readonly files: readonly CheckpointFile[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly entries: readonly Entry[];
  readonly values?: readonly ValueNode[];
  readonly others?: readonly OtherArray[];
  readonly #sources: readonly FileSource[];
  readonly #byName: ReadonlyMap<string, Entry>;
  #closed = false;

  /** @throws CheckpointFormatError where two tensors have one name. */
  constructor({ format, path, sources, metadata, entries, values, others }: ParsedStructure) {
    this.format = format;
    this.path = path;
    this.files = sources.map((source) => ({ path: source.path, stamp: source.stamp }));
    this.metadata = metadata ?? {};
    this.entries = entries;
    if (values) this.values = values;
    if (others) this.others = others;
    this.#sources = sources;
    const byName = new Map<string, Entry>();
    for (const entry of entries) {
      if (byName.has(entry.name)) refuseTwice(entry, sources);
      byName.set(entry.name, entry);
    }
    this.#byName = byName;
  }

  find(name: string): Entry | undefined {
    return this.#byName.get(name);
  }

  async read(entry: Entry, range?: ByteRange): Promise<Uint8Array> {
    const { start, nbytes } = entryRange(entry, range);
    const source = this.#sources[entry.file];
    if (!source || this.find(entry.name) !== entry) {
      throw new InvalidArgumentError(`Tensor ${JSON.stringify(entry.name)} is not of this checkpoint.`);
    }
    if (this.#closed) throw new InvalidStateError(`${source.name} was closed; open it again to read from it.`);
    return entry.packed ? await this.#unpacked(entry, range) : await source.read(start, nbytes);
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  async #unpacked(entry: Entry, range: ByteRange = { start: 0, stop: entry.nbytes }): Promise<Uint8Array> {
    const { tensor, release } = await scratchUnpacker().unpack(lazyEntry(this, entry));
    try {
      return await FileSource.known(tensor.region).read(range.start, range.stop - range.start);
    } finally {
      release();
    }
  }
}

function refuseTwice({ name, file, offset }: Entry, sources: readonly FileSource[]): never {
  const where = sources[file]?.name ?? '';
  throw new CheckpointFormatError(
    `${where}: two tensors are named ${JSON.stringify(name)}; the second lies at byte ${offset}.`,
    { file: where, offset },
  );
}
