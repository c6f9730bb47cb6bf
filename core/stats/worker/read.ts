import { bytesFor } from '../../ndarray/dtype.ts';
import type { ElementRange } from '../messages.ts';
import { forEachStored, type PieceContext, tensorOf } from './context.ts';

/** The storage bytes of a range of elements. */
export function read(context: PieceContext, range: ElementRange): Uint8Array {
  const tensor = tensorOf(context);
  const result = new Uint8Array(bytesFor(tensor.dtype, range.count));
  forEachStored(context, range, (start, n) => {
    const at = tensor.storage(start, n);
    const chunk = context.memory.bytes.subarray(at, at + bytesFor(tensor.dtype, n));
    result.set(chunk, bytesFor(tensor.dtype, start - range.start));
  });
  return result;
}
