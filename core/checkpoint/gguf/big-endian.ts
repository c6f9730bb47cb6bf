import { CheckpointFormatError } from '../../errors.ts';
import { isQuantized } from '../../ndarray/dtype.ts';
import type { PackedStorage } from '../../ndarray/packed-storage.ts';
import { contiguous, plainBytes, stridedStorage, swapSize } from '../unpack/stored-bytes.ts';
import { BLOCK_FIELDS } from './block-fields.ts';
import type { GGUFTensor } from './tensors.ts';

/** How a tensor of a big-endian file becomes little-endian; undefined where its bytes are the same either way. */
export function swappedStorage(
  { name, type, nbytes, offset, typeAt }: GGUFTensor,
  file: { readonly index: number; readonly name: string },
): PackedStorage | undefined {
  const { dtype } = type;
  const stored = plainBytes({ file: file.index, offset, nbytes });
  if (!isQuantized(dtype)) {
    return swapSize(dtype) === 1 ? undefined : stridedStorage(stored, contiguous(dtype, { bigEndian: true }));
  }
  const fields = BLOCK_FIELDS[dtype];
  if (fields) return fields.length === 0 ? undefined : { decoder: 'gguf-blocks', parameters: { stored } };
  throw new CheckpointFormatError(
    `${file.name}: tensor ${JSON.stringify(name)} is ${type.name}, whose order of bytes in big-endian files is not ` +
      `defined (byte ${typeAt} of the file). Convert it on the machine that wrote it.`,
    { file: file.name, offset: typeAt },
  );
}
