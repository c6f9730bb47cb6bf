import { bytesFor } from '../../ndarray/dtype.ts';
import type { LazyTensor } from '../../ndarray/lazy-tensor.ts';
import { expandSparse } from '../../ndarray/sparse-layout.ts';
import type { TensorFile } from './tensor-file.ts';

/** Fills `target` with the elements `[start, start + count)` of a sparse tensor's dense form. */
export function readSparse(
  file: TensorFile,
  { sparse, shape, dtype, region }: LazyTensor,
  { start, count, target }: { readonly start: number; readonly count: number; readonly target: Uint8Array },
): void {
  if (!sparse) return;
  const values = { layout: sparse.layout, shape, itemsize: bytesFor(dtype, 1), offset: region.offset };
  const expansion = expandSparse(values, { start, count }, target);
  let step = expansion.next();
  while (!step.done) {
    const bytes = new Uint8Array(step.value.nbytes);
    file.read(bytes, step.value.offset);
    step = expansion.next(bytes);
  }
}
