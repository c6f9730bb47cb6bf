import type { ByteSource } from '../byte-source.ts';
import type { Extent } from '../paged-bytes.ts';
import type { StoredBytes } from '../unpack/stored-bytes.ts';

/** Where an HDF5 file lies: a file of its own, or a member of an archive. */
export interface Hdf5Container {
  /** What its structure is read from. */
  readonly source: ByteSource;
  readonly extent: Extent;
  /** Its bytes, for entries. */
  readonly stored: StoredBytes;
}
