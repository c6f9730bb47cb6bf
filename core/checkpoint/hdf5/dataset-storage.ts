import type { PackedStorage } from '../../ndarray/packed-storage.ts';
import type { StoredBytes } from '../unpack/stored-bytes.ts';

/** A dataset whose elements do not lie in one run: in chunks, or nowhere because nothing was written. */
export function datasetStorage(container: StoredBytes, object: number, field: string | null): PackedStorage {
  return { decoder: 'hdf5', parameters: { container, object, field } };
}
