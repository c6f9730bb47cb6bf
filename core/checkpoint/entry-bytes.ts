import { InvalidArgumentError } from '../errors.ts';
import type { LazyTensor } from '../ndarray/lazy-tensor.ts';
import type { UnpackedLease } from '../ndarray/packed-storage.ts';
import { FileSource } from './byte-source.ts';
import type { ByteRange, Checkpoint, Entry } from './checkpoint.ts';
import { denseBytes } from './dense-bytes.ts';
import { entryRange } from './entry-range.ts';
import { lazyEntry } from './lazy-entry.ts';

/**
 * The element bytes of an entry, C order and little-endian, however they are stored: what
 * `Checkpoint.read` promises.
 */
export async function readEntry(
  checkpoint: Pick<Checkpoint, 'path' | 'files'>,
  entry: Entry,
  range?: ByteRange,
): Promise<Uint8Array> {
  if (!checkpoint.files[entry.file]) {
    throw new InvalidArgumentError(`Tensor ${JSON.stringify(entry.name)} is not of this checkpoint.`);
  }
  const { start: position, nbytes } = entryRange(entry, range);
  const lease = await unpacked(lazyEntry(checkpoint, entry));
  try {
    const { region, sparse, dtype, shape } = lease.tensor;
    const source = FileSource.known(region);
    const start = position - entry.offset;
    if (!sparse) return await source.read(region.offset + start, nbytes);
    return await denseBytes(source, { layout: sparse.layout, dtype, shape, offset: region.offset }, { start, nbytes });
  } finally {
    lease.release();
  }
}

/** What most entries never need is loaded for the first that does. */
async function unpacked(tensor: LazyTensor): Promise<UnpackedLease> {
  if (!tensor.packed) return { tensor, release: () => {} };
  const { scratchUnpacker } = await import('./unpack/scratch-unpacker.ts');
  return await scratchUnpacker().unpack(tensor);
}
