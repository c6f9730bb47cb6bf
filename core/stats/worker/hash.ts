import { createHash } from 'node:crypto';
import { bytesFor } from '../../ndarray/dtype.ts';
import { forEachStored, type PieceContext, tensorOf, wholeRange } from './context.ts';

/** SHA-256, hex, of the element bytes of the whole tensor. */
export function hash(context: PieceContext): string {
  const tensor = tensorOf(context);
  const sha = createHash('sha256');
  forEachStored(context, wholeRange(tensor), (start, n) => {
    const at = tensor.storage(start, n);
    sha.update(context.memory.bytes.subarray(at, at + bytesFor(tensor.dtype, n)));
  });
  return sha.digest('hex');
}
