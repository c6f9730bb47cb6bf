import type { FileSource } from '../byte-source.ts';
import type { Entry } from '../checkpoint.ts';
import { ReadableCheckpoint } from '../readable-checkpoint.ts';
import type { ZipArchive } from '../zip/archive.ts';
import type { TorchArchive } from './archive.ts';
import type { PickleStructure, TensorPlace } from './pickle-structure.ts';

/** What a writer needs of an archive of `torch.save`. */
export interface OpenArchive {
  readonly archive: ZipArchive;
  readonly folder: string;
  readonly bigEndian: boolean;
}

/** An open PyTorch file: its writer asks what can be made of its tensors. */
export class TorchCheckpoint extends ReadableCheckpoint {
  /** Null of a legacy file, and of a pickle by itself: of those only values can be changed. */
  readonly opened: OpenArchive | null;
  /** The paths of all dicts that hold tensors. */
  readonly dicts: ReadonlySet<string>;
  readonly #places: ReadonlyMap<Entry, { readonly place: TensorPlace; readonly index: number }>;

  constructor(source: FileSource, structure: PickleStructure | TorchArchive) {
    super({ format: 'pytorch', sources: [source], entries: structure.entries, values: structure.values });
    this.opened = 'archive' in structure ? structure : null;
    const places = this.opened ? (structure.places ?? []) : [];
    this.#places = new Map(
      this.entries.flatMap((entry, index) => {
        const place = places[index];
        return place ? [[entry, { place, index }] as const] : [];
      }),
    );
    this.dicts = new Set(places.flatMap(({ dict }) => (dict === null ? [] : [dict])));
  }

  /** Where a tensor stands in the pickle, with its number there; undefined where the pickle cannot be written anew. */
  placeOf(entry: Entry): { readonly place: TensorPlace; readonly index: number } | undefined {
    return this.#places.get(entry);
  }
}
