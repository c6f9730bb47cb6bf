import type { Checkpoint } from '../../checkpoint/checkpoint.ts';
import { lazyEntry } from '../../checkpoint/lazy-entry.ts';
import type { LazyTensor } from '../../ndarray/lazy-tensor.ts';
import type { Shape } from '../../ndarray/shape.ts';
import type { Document } from '../contract.ts';

/** A tensor of one of two sides that are compared. */
export interface SideTensor {
  /** Of a document the tensor's id, of a file the place of its entry. */
  readonly id: number;
  readonly name: string;
  readonly dtype: string;
  readonly shape: Shape;
  readonly bytes: number;
}

/** What a comparison looks at: a file as it lies, or an open document with its edits. */
export interface Side {
  readonly tensors: readonly SideTensor[];
  readonly metadata: Readonly<Record<string, string>>;
  lazy(tensor: SideTensor): LazyTensor;
}

/** The document as it is now. What changes it later is not seen, but a tensor that is deleted cannot be read. */
export function sideOfDocument(document: Document): Side {
  const { ids, names, dtypes, shapes, bytes } = document.listing();
  return {
    tensors: names.map((name, at) => ({
      id: ids[at] ?? -1,
      name,
      dtype: dtypes[at] ?? '',
      shape: shapes[at] ?? [],
      bytes: bytes[at] ?? 0,
    })),
    metadata: document.summary().metadata,
    lazy: ({ id }) => document.lazy(id),
  };
}

export function sideOfCheckpoint(checkpoint: Checkpoint): Side {
  const { entries, metadata } = checkpoint;
  return {
    tensors: entries.map(({ name, dtype, shape, nbytes }, id) => ({ id, name, dtype, shape, bytes: nbytes })),
    metadata,
    lazy: ({ id, name }) => {
      const entry = entries[id];
      if (!entry) throw new RangeError(`There is no entry ${id} called '${name}'.`);
      return lazyEntry(checkpoint, entry);
    },
  };
}
