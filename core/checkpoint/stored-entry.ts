import { type DType, isQuantizedInteger } from '../ndarray/dtype.ts';
import type { LazyTensor } from '../ndarray/lazy-tensor.ts';
import type { Checkpoint, Entry, OtherArray } from './checkpoint.ts';
import { lazyEntry } from './lazy-entry.ts';

/** The numbers of a quantized entry as the file stores them; of any other its value. */
export function storedEntry(checkpoint: Checkpoint, entry: Entry): LazyTensor {
  const { stored, packed: _widened, ...rest } = entry;
  return lazyEntry(checkpoint, stored ? { ...rest, ...stored } : entry);
}

/** The dtype that the file gives an entry: `qint8` of PyTorch's quantized integers, though they are shown as the reals that they stand for. */
export function declaredDType({ dtype, stored }: Entry): DType {
  return stored && isQuantizedInteger(stored.dtype) ? stored.dtype : dtype;
}

/** The bytes of an array that is no tensor; undefined where they do not lie in one run. */
export function bytesOfOther(
  checkpoint: Checkpoint,
  { name, nbytes, file, offset }: OtherArray,
): LazyTensor | undefined {
  if (file === undefined || offset === undefined) return undefined;
  return lazyEntry(checkpoint, { name, dtype: 'uint8', shape: [nbytes], nbytes, file, offset });
}
