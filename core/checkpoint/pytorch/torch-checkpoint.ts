import type { FileSource } from '../byte-source.ts';
import type { CheckpointFile, Entry, ValueNode } from '../checkpoint.ts';
import { ReadableCheckpoint } from '../readable-checkpoint.ts';
import type { SafetensorsIndex } from '../safetensors/index-file.ts';
import type { ZipArchive } from '../zip/archive.ts';
import type { TorchArchive } from './archive.ts';
import type { PickleStructure, TensorPlace } from './pickle-structure.ts';

/** What a writer needs of an archive of `torch.save`. */
export interface OpenArchive {
  readonly archive: ZipArchive;
  readonly folder: string;
  readonly bigEndian: boolean;
}

/** One file of torch's, as its writer sees it. */
export interface TorchPart {
  readonly file: CheckpointFile;
  /** Null of a legacy file, and of a pickle by itself: of those only values can be changed. */
  readonly opened: OpenArchive | null;
  /** The paths of all dicts that hold tensors. */
  readonly dicts: ReadonlySet<string>;
  /** Its tensors, in file order. */
  readonly entries: readonly Entry[];
  /** Whether it holds anything but tensors. */
  readonly hasValues: boolean;
  /** Where a tensor stands in the pickle, with its number there; undefined where the pickle cannot be written anew. */
  placeOf(entry: Entry): { readonly place: TensorPlace; readonly index: number } | undefined;
}

/** A file that was read, with what was found in it. */
export interface ReadTorch {
  readonly source: FileSource;
  readonly structure: PickleStructure | TorchArchive;
}

interface TorchStructure {
  readonly format: 'pytorch' | 'pytorch-index';
  readonly path: string;
  readonly read: readonly ReadTorch[];
  readonly values: readonly ValueNode[];
  readonly metadata?: Readonly<Record<string, string>>;
}

/** An open PyTorch file, or several as one: its writer asks what can be made of its tensors. */
export class TorchCheckpoint extends ReadableCheckpoint {
  /** One for each of `files`. */
  readonly parts: readonly TorchPart[];

  constructor({ read, ...structure }: TorchStructure) {
    const sources = read.map(({ source }) => source);
    super({ ...structure, sources, entries: read.flatMap((part) => part.structure.entries) });
    let first = 0;
    this.parts = read.map((part) => {
      const entries = this.entries.slice(first, first + part.structure.entries.length);
      first += entries.length;
      return partOf(part, entries);
    });
  }

  partOf({ file }: Pick<Entry, 'file'>): TorchPart {
    const part = this.parts[file];
    if (!part) throw new TypeError(`${this.path} has no file ${file}.`);
    return part;
  }
}

/** Shards of torch's with the index that names them. */
export class ShardedTorchCheckpoint extends TorchCheckpoint {
  readonly index: SafetensorsIndex;
  /** The index as a file: its path and what it was when it was opened. */
  readonly indexSource: FileSource;

  constructor(indexSource: FileSource, index: SafetensorsIndex, shards: Pick<TorchStructure, 'read' | 'values'>) {
    super({ format: 'pytorch-index', path: indexSource.path, metadata: index.metadata, ...shards });
    this.index = index;
    this.indexSource = indexSource;
  }
}

function partOf({ source, structure }: ReadTorch, entries: readonly Entry[]): TorchPart {
  const opened = 'archive' in structure ? structure : null;
  const places = opened ? (structure.places ?? []) : [];
  // Of interest to whoever edits: opening shall not wait for it.
  let indices: ReadonlyMap<Entry, number> | null = null;
  return {
    file: { path: source.path, stamp: source.stamp },
    opened,
    dicts: dictsOf(places),
    entries,
    hasValues: structure.values.length > 0,
    placeOf(entry) {
      indices ??= new Map(entries.map((known, i) => [known, i]));
      const index = indices.get(entry) ?? -1;
      const place = places[index];
      return place && { place, index };
    },
  };
}

function dictsOf(places: readonly TensorPlace[]): Set<string> {
  const dicts = new Set<string>();
  for (const { dict } of places) if (dict !== null) dicts.add(dict);
  return dicts;
}
