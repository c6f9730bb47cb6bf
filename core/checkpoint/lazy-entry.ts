import { FileAccessError } from '../errors.ts';
import type { LazyTensor } from '../ndarray/lazy-tensor.ts';
import type { Checkpoint, Entry } from './checkpoint.ts';

/** The stored value of an entry, before any edit, as a value that workers can evaluate. */
export function lazyEntry(checkpoint: Checkpoint, entry: Entry): LazyTensor {
  const file = checkpoint.files[entry.file];
  if (!file) throw new FileAccessError(`${checkpoint.path}: the file of tensor '${entry.name}' is not open.`);
  const { dtype, shape, offset, sparse } = entry;
  const nbytes = sparse ? sparse.storedBytes : entry.nbytes;
  const tensor = { dtype, shape, region: { path: file.path, offset, nbytes, stamp: file.stamp }, steps: [] };
  return sparse ? { ...tensor, sparse } : tensor;
}
