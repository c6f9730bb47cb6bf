import type { PackedValue } from '../../ndarray/packed-storage.ts';
import type { StorageRecords } from './records.ts';
import { viewBytes } from './storage-bytes.ts';
import type { StridedView } from './tensor.ts';

/** A part of a tensor (indices, scales) for a decoder: where it lies, and as what. */
export function viewPart(view: StridedView, records: StorageRecords, name: string): PackedValue {
  const { stored, arrangement } = viewBytes(view, records, name);
  return { dtype: view.dtype, shape: view.shape, stored, arrangement };
}
