import type { PackedStorage } from '../../ndarray/packed-storage.ts';
import type { ByteRun } from '../unpack/stored-bytes.ts';

/** A box of a tensor, whose elements lie in one run in C order. */
export type PlacedSlice = {
  /** The index of its first element, and its shape. */
  readonly start: readonly number[];
  readonly shape: readonly number[];
  readonly run: ByteRun;
};

/** A tensor in boxes that together cover it: the variable was partitioned. */
export function slicesStorage(slices: readonly PlacedSlice[], bigEndian: boolean): PackedStorage {
  return { decoder: 'tensorflow-slices', parameters: { slices, bigEndian } };
}
