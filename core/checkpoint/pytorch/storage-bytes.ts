import { CheckpointFormatError } from '../../errors.ts';
import { bytesFor } from '../../ndarray/dtype.ts';
import type { PackedStorage } from '../../ndarray/packed-storage.ts';
import { elementCount } from '../../ndarray/shape.ts';
import { type Arrangement, type StoredBytes, sliceOf, stridedStorage, swapSize } from '../unpack/stored-bytes.ts';
import type { StorageRecord, StorageRecords } from './records.ts';
import { isContiguous } from './strided-view.ts';
import type { StorageReference, StridedView } from './tensor.ts';

/** Where the elements of a view lie: a run of the file, or stored bytes and their arrangement. */
export interface ViewBytes {
  /** Index into `Checkpoint.files`, and where in that file the first stored byte lies. */
  readonly file: number;
  readonly offset: number;
  readonly stored: StoredBytes;
  readonly arrangement: Arrangement;
  /** Whether the bytes lie in the file as they are, in C order and little-endian. */
  readonly plain: boolean;
}

/**
 * Finds the bytes of a view, of the storages of one file.
 *
 * @throws CheckpointFormatError where the record of the storage is missing or too short.
 */
export function viewBytes(view: StridedView, records: StorageRecords, name: string): ViewBytes {
  const { storage, dtype, shape } = view;
  const { stored, bigEndian } = recordOf(storage, records, name);
  const itemsize = bytesFor(dtype, 1);
  const begin = storage.viewStart * bytesFor(storage.dtype, 1);
  const part = sliceOf(stored, begin, storage.size * bytesFor(storage.dtype, 1));
  const swap = bigEndian ? swapSize(dtype) : 1;
  const start = elementCount(shape) === 0 ? 0 : view.start * itemsize;
  const contiguous = isContiguous(view);
  const strides = contiguous ? null : view.strides.map((stride) => stride * itemsize);
  const [run] = stored.runs;
  const plain = contiguous && swap === 1 && stored.compression === 'none';
  return {
    file: run?.file ?? 0,
    offset: (run?.offset ?? 0) + (plain ? begin + start : 0),
    stored: part,
    arrangement: { itemsize, swap, start, strides },
    plain: plain || elementCount(shape) === 0,
  };
}

export function packedView({ stored, arrangement }: ViewBytes): PackedStorage {
  return stridedStorage(stored, arrangement);
}

function recordOf(storage: StorageReference, records: StorageRecords, name: string): StorageRecord {
  const { key, dtype, rootSize } = storage;
  const record = records.find(key);
  const shown = JSON.stringify(key.slice(0, 100));
  if (!record) {
    throw new CheckpointFormatError(`${name}: the storage ${shown} that a tensor wants is missing from the file.`, {
      file: name,
    });
  }
  const wanted = rootSize * bytesFor(dtype, 1);
  const offset = record.stored.runs[0]?.offset ?? 0;
  if (wanted <= record.stored.nbytes) return record;
  throw new CheckpointFormatError(
    `${name}: the storage ${shown} should have ${wanted} bytes (${rootSize} of ${dtype}), but its record has ${record.stored.nbytes} (byte ${offset} of the file).`,
    { file: name, offset },
  );
}
