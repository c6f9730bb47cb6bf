import { bytesFor, type DType } from '../ndarray/dtype.ts';
import type { Shape } from '../ndarray/shape.ts';
import { expandSparse, type SparseLayout } from '../ndarray/sparse-layout.ts';
import type { ByteSource } from './byte-source.ts';

/** Elements that are expanded at once. */
const EXPANDED = 1024 * 1024;

/** A sparse array as it lies in a file. */
export interface StoredSparse {
  readonly layout: SparseLayout;
  readonly dtype: DType;
  readonly shape: Shape;
  /** Where its parts begin. */
  readonly offset: number;
}

/** `nbytes` of the dense form of a sparse array, from byte `start` of it on. */
export async function denseBytes(
  source: Pick<ByteSource, 'read'>,
  { layout, dtype, shape, offset }: StoredSparse,
  { start, nbytes }: { readonly start: number; readonly nbytes: number },
): Promise<Uint8Array> {
  const itemsize = bytesFor(dtype, 1);
  const first = Math.floor(start / itemsize);
  const stop = Math.ceil((start + nbytes) / itemsize);
  const dense = new Uint8Array((stop - first) * itemsize);
  for (let from = first; from < stop; from += EXPANDED) {
    const count = Math.min(EXPANDED, stop - from);
    const at = (from - first) * itemsize;
    const target = dense.subarray(at, at + count * itemsize);
    const expansion = expandSparse({ layout, shape, itemsize, offset }, { start: from, count }, target);
    let step = expansion.next();
    while (!step.done) step = expansion.next(await source.read(step.value.offset, step.value.nbytes));
  }
  return dense.subarray(start - first * itemsize, start - first * itemsize + nbytes);
}
