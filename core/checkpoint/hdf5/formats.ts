import type { FileSource } from '../byte-source.ts';
import type { FormatReader } from '../format.ts';
import { plainBytes } from '../unpack/stored-bytes.ts';
import { Hdf5Checkpoint } from './hdf5-checkpoint.ts';
import { readStructure, textOf } from './structure.ts';
import { SIGNATURE } from './superblock.ts';

export const hdf5Format: FormatReader = {
  format: 'hdf5',
  label: 'HDF5 and Keras weights',
  extensions: ['.h5', '.hdf5', '.keras.h5', '.he5'],
  recognizes: (head) => hasSignature(head),
  open: openHdf5,
};

/** A user block of 512 bytes or a power of two times that may come first. */
function hasSignature(head: Buffer): boolean {
  for (let at = 0; at + SIGNATURE.length <= head.length; at = at === 0 ? 512 : at * 2) {
    if (head.subarray(at, at + SIGNATURE.length).equals(SIGNATURE)) return true;
  }
  return false;
}

async function openHdf5(source: FileSource): Promise<Hdf5Checkpoint> {
  const stored = plainBytes({ file: 0, offset: 0, nbytes: source.size });
  const container = { source, extent: { start: 0, nbytes: source.size }, stored };
  const { attributes, objects, ...structure } = await readStructure(container);
  const metadata = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, textOf(value)]));
  const parsed = { format: 'hdf5' as const, path: source.path, sources: [source], metadata, ...structure };
  return new Hdf5Checkpoint(parsed, { container, objects, enclosure: null });
}
