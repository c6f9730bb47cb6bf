import type { FormatReader } from '../format.ts';
import { SIGNATURE } from './signature.ts';

export const hdf5Format: FormatReader = {
  format: 'hdf5',
  label: 'HDF5 and Keras weights',
  extensions: ['.h5', '.hdf5', '.keras.h5', '.he5'],
  recognizes: (head) => hasSignature(head),
  open: async (source) => (await import('./reader.ts')).openHdf5(source),
};

/** A user block of 512 bytes or a power of two times that may come first. */
function hasSignature(head: Buffer): boolean {
  for (let at = 0; at + SIGNATURE.length <= head.length; at = at === 0 ? 512 : at * 2) {
    if (head.subarray(at, at + SIGNATURE.length).equals(SIGNATURE)) return true;
  }
  return false;
}
