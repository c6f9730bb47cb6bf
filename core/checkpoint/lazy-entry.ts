import { FileAccessError } from '../errors.ts';
import type { LazyTensor } from '../ndarray/lazy-tensor.ts';
import type { Checkpoint, Entry } from './checkpoint.ts';

/** The stored value of an entry, before any edit, as a value that workers can evaluate. */
export function lazyEntry(checkpoint: Pick<Checkpoint, 'path' | 'files'>, entry: Entry): LazyTensor {
  const file = checkpoint.files[entry.file];
  if (!file) throw new FileAccessError(`${checkpoint.path}: the file of tensor '${entry.name}' is not open.`);
  const { dtype, shape, offset, sparse, packed } = entry;
  const nbytes = sparse ? sparse.storedBytes : entry.nbytes;
  const region = { path: file.path, offset, nbytes, stamp: file.stamp };
  return {
    dtype,
    shape,
    region,
    ...(packed && { packed: { ...packed, files: checkpoint.files } }),
    ...(sparse && { sparse }),
    steps: [],
  };
}
