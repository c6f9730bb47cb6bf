import { bytesFor } from '../../ndarray/dtype.ts';
import type { LazyTensor } from '../../ndarray/lazy-tensor.ts';
import type { PackedFile, PackedTensor } from '../../ndarray/packed-storage.ts';
import { elementCount } from '../../ndarray/shape.ts';
import type { IndexRun } from '../../ndarray/sparse-layout.ts';

/** Bytes that an unpacked value takes; of a sparse one up to the end of what its layout names. */
export function unpackedSize({ dtype, shape, sparse }: LazyTensor): number {
  if (!sparse) return bytesFor(dtype, elementCount(shape));
  const { layout, storedBytes } = sparse;
  const runs: readonly IndexRun[] = layout.stype === 'csr' ? [layout.indptr, layout.columns] : [layout.rows];
  return Math.max(storedBytes, ...runs.map(({ offset, count, dtype: type }) => offset + bytesFor(type, count)));
}

const fileKeys = new WeakMap<readonly PackedFile[], string>();

/** The same for the same value of the same files, however often it is described. */
export function keyOf({ dtype, shape }: LazyTensor, { decoder, parameters, files }: PackedTensor): string {
  let filesKey = fileKeys.get(files);
  if (filesKey === undefined) {
    filesKey = JSON.stringify(files);
    fileKeys.set(files, filesKey);
  }
  return JSON.stringify([decoder, parameters, dtype, shape, filesKey]);
}
