import { InvalidArgumentError } from '../errors.ts';
import { bytesFor, dtypeInfo } from '../ndarray/dtype.ts';
import type { LazyTensor } from '../ndarray/lazy-tensor.ts';
import type { UnpackedLease } from '../ndarray/packed-storage.ts';
import { expandSparse } from '../ndarray/sparse-layout.ts';
import { FileSource } from './byte-source.ts';
import type { ByteRange, Checkpoint, Entry } from './checkpoint.ts';
import { entryRange } from './entry-range.ts';
import { lazyEntry } from './lazy-entry.ts';

/** Elements of a sparse entry that are expanded at once. */
const EXPANDED = 1024 * 1024;

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
    const { region } = lease.tensor;
    const source = FileSource.known(region);
    const start = position - entry.offset;
    if (entry.sparse) return await readDense(source, lease.tensor, { start, nbytes });
    return await source.read(region.offset + start, nbytes);
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

interface DenseRange {
  readonly start: number;
  readonly nbytes: number;
}

async function readDense(source: FileSource, tensor: LazyTensor, { start, nbytes }: DenseRange): Promise<Uint8Array> {
  const itemsize = dtypeInfo(tensor.dtype).bits / 8;
  const first = Math.floor(start / itemsize);
  const stop = Math.ceil((start + nbytes) / itemsize);
  const dense = new Uint8Array((stop - first) * itemsize);
  for (let from = first; from < stop; from += EXPANDED) {
    const count = Math.min(EXPANDED, stop - from);
    const at = (from - first) * itemsize;
    await expand(source, tensor, { start: from, count, target: dense.subarray(at, at + count * itemsize) });
  }
  return dense.subarray(start - first * itemsize, start - first * itemsize + nbytes);
}

async function expand(
  source: FileSource,
  { sparse, shape, dtype, region }: LazyTensor,
  { start, count, target }: { readonly start: number; readonly count: number; readonly target: Uint8Array },
): Promise<void> {
  if (!sparse) return;
  const values = { layout: sparse.layout, shape, itemsize: bytesFor(dtype, 1), offset: region.offset };
  const expansion = expandSparse(values, { start, count }, target);
  let step = expansion.next();
  while (!step.done) step = expansion.next(await source.read(step.value.offset, step.value.nbytes));
}
