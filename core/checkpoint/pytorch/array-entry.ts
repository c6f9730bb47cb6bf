import { CheckpointFormatError } from '../../errors.ts';
import { bytesFor } from '../../ndarray/dtype.ts';
import { elementCount } from '../../ndarray/shape.ts';
import type { Entry } from '../checkpoint.ts';
import { type Arrangement, fortranStrides, sliceOf, stridedStorage, swapSize } from '../unpack/stored-bytes.ts';
import type { EntryContext } from './entry-context.ts';
import type { ArrayTensor } from './tensor.ts';

/** A numpy array: its elements stand in the pickle, or are characters of a text there. */
export function arrayEntry(name: string, array: ArrayTensor, { name: file, pickle }: EntryContext): Entry {
  const { dtype, shape, payload } = array;
  const count = elementCount(shape);
  const nbytes = bytesFor(dtype, count);
  const stored = sliceOf(pickle, payload.offset, payload.nbytes);
  const [run] = pickle.runs;
  const text = payload.encoding === 'latin1' && payload.nbytes !== nbytes;
  if (
    !Number.isSafeInteger(nbytes) ||
    payload.nbytes < nbytes ||
    (!text && payload.nbytes > nbytes) ||
    payload.nbytes > 2 * nbytes
  ) {
    throw new CheckpointFormatError(
      `${file}: the array ${JSON.stringify(name)} should have ${nbytes} bytes, but ${payload.nbytes} are stored (byte ${payload.offset} of the pickle).`,
      { file, offset: payload.offset },
    );
  }
  const arrangement = arrangementOf(array);
  const inPlace = pickle.compression === 'none';
  const entry = {
    name,
    dtype,
    shape,
    nbytes,
    file: run?.file ?? 0,
    offset: (run?.offset ?? 0) + (inPlace ? stored.start : 0),
    facts: { class: 'numpy.ndarray' },
  };
  if (count === 0 || (inPlace && !text && arrangement.swap === 1 && arrangement.strides === null)) return entry;
  const packed = stridedStorage(stored, arrangement);
  return { ...entry, packed: text ? { ...packed, decoder: 'pytorch-latin1' } : packed };
}

function arrangementOf({ dtype, shape, fortran, bigEndian }: ArrayTensor): Arrangement {
  const itemsize = bytesFor(dtype, 1);
  const swap = bigEndian ? swapSize(dtype) : 1;
  const axes = shape.filter((size) => size > 1).length;
  return { itemsize, swap, start: 0, strides: fortran && axes > 1 ? fortranStrides(shape, itemsize) : null };
}
