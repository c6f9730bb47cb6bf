import type { PagedBytes } from '../paged-bytes.ts';
import { type BundleEntry, type BundleHeader, readEntry, readHeader } from './messages.ts';
import { tableEntries } from './table-file.ts';

/** As for every format: the largest checkpoint known to us has 1.29 million tensors. */
const MAX_ENTRIES = 2_000_000;

export interface NamedEntry {
  readonly name: Buffer;
  readonly entry: BundleEntry;
  /** Where its block lies in the index. */
  readonly offset: number;
}

/** The index of a checkpoint: tensors in the order of their names, and slices by their keys. */
export interface BundleIndex {
  readonly header: BundleHeader;
  readonly tensors: readonly NamedEntry[];
  /** By the key's bytes as latin1. */
  readonly slices: ReadonlyMap<string, BundleEntry>;
}

/** Reads an index file (tensorflow/core/util/tensor_bundle). @throws CheckpointFormatError */
export async function readBundleIndex(bytes: PagedBytes): Promise<BundleIndex> {
  let header: BundleHeader | null = null;
  const tensors: NamedEntry[] = [];
  const slices = new Map<string, BundleEntry>();
  for await (const { key, value, offset } of tableEntries(bytes)) {
    if (key.length === 0) {
      header = readHeader(value, bytes, offset);
      continue;
    }
    if (tensors.length + slices.size >= MAX_ENTRIES) bytes.fail(`there are more than ${MAX_ENTRIES} entries`, offset);
    const entry = readEntry(value, bytes, offset);
    // The ordered code of a slice begins with a zero, which no name does.
    if (key[0] === 0) slices.set(key.toString('latin1'), entry);
    else tensors.push({ name: key, entry, offset });
  }
  return header ? { header, tensors, slices } : bytes.fail('the index has no header', 0);
}
