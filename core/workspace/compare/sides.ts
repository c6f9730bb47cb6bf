import type { Checkpoint } from '../../checkpoint/checkpoint.ts';
import { lazyEntry } from '../../checkpoint/lazy-entry.ts';
import type { LazyTensor } from '../../ndarray/lazy-tensor.ts';
import type { Document } from '../contract.ts';
import type { SideTensor } from './compared.ts';

/** What a comparison looks at: a file as it lies, or an open document with its edits. */
export interface Side {
  readonly count: number;
  /** By its place in file or document order. */
  at(place: number): SideTensor;
  lazy(tensor: SideTensor): LazyTensor;
}

/** The document as it is now. What changes it later is not seen, but a tensor that is deleted cannot be read. */
export function sideOfDocument(document: Document): Side {
  const { ids, names, dtypes, shapes, bytes } = document.listing();
  return {
    count: names.length,
    at: (place) => ({
      id: ids[place] ?? -1,
      name: names[place] ?? '',
      dtype: dtypes[place] ?? '',
      shape: shapes[place] ?? [],
      bytes: bytes[place] ?? 0,
    }),
    lazy: ({ id }) => document.lazy(id),
  };
}

export function sideOfCheckpoint(checkpoint: Checkpoint): Side {
  const entryAt = (place: number) => {
    const entry = checkpoint.entries[place];
    if (!entry) throw new RangeError(`There is no entry ${place} of ${checkpoint.entries.length}.`);
    return entry;
  };
  return {
    count: checkpoint.entries.length,
    at: (place) => {
      const { name, dtype, shape, nbytes } = entryAt(place);
      return { id: place, name, dtype, shape, bytes: nbytes };
    },
    lazy: ({ id }) => lazyEntry(checkpoint, entryAt(id)),
  };
}
