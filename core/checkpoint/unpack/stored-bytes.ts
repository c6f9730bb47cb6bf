import type { DType } from '../../ndarray/dtype.ts';
import { bytesFor, dtypeInfo } from '../../ndarray/dtype.ts';
import type { PackedStorage } from '../../ndarray/packed-storage.ts';
import { elementCount, type Shape } from '../../ndarray/shape.ts';

/** A run of one file of the checkpoint. */
export type ByteRun = {
  /** Index into `Checkpoint.files`. */
  readonly file: number;
  readonly offset: number;
  readonly nbytes: number;
};

/** `deflate` is the bare stream of a zip member, `zlib` and `gzip` the same in their envelopes. */
export type Compression = 'none' | 'deflate' | 'zlib' | 'gzip';

/** Bytes as files store them: runs of one or several files, end to end, perhaps compressed as one stream. */
export type StoredBytes = {
  readonly runs: readonly ByteRun[];
  readonly compression: Compression;
  /** How long the stream is once inflated; a stream of another length is refused. */
  readonly length: number;
  /** Of the whole inflated stream; checked where the stream is read to its end. Null where there is none. */
  readonly crc32: number | null;
  /** Which bytes of the inflated stream are meant. */
  readonly start: number;
  readonly nbytes: number;
};

/** Where the elements of a tensor lie among stored bytes. Element `[i, j, …]` begins at `start + i·strides[0] + j·strides[1] + …`. */
export type Arrangement = {
  /** Bytes of one element. */
  readonly itemsize: number;
  /** Bytes that are reversed as a group: the element, half of it where it is complex; 1 where it is little-endian. */
  readonly swap: number;
  /** Bytes before the first element. */
  readonly start: number;
  /** In bytes, one per axis; 0 repeats, negative runs backwards. Null: C order without gaps. */
  readonly strides: readonly number[] | null;
};

/** Stored bytes that lie in one run of a file as they are. */
export function plainBytes(run: ByteRun): StoredBytes {
  return { runs: [run], compression: 'none', length: run.nbytes, crc32: null, start: 0, nbytes: run.nbytes };
}

/** The same bytes without their first `start`, `nbytes` of them. */
export function sliceOf(stored: StoredBytes, start: number, nbytes: number): StoredBytes {
  return { ...stored, start: stored.start + start, nbytes };
}

/** The elements of an entry among stored bytes: one run or many, inflated, swapped, strided, whatever is needed. */
export function stridedStorage(stored: StoredBytes, arrangement: Arrangement): PackedStorage {
  return { decoder: 'strided', parameters: { stored, arrangement } };
}

/** Several stored runs of bytes, one after the other: the values of a sparse entry, then its indices. */
export function concatenatedStorage(parts: readonly StoredBytes[]): PackedStorage {
  return { decoder: 'concatenated', parameters: { parts } };
}

/** An entry in C order without gaps; `swap` where the file is big-endian. */
export function contiguous(dtype: DType, { bigEndian = false } = {}): Arrangement {
  const itemsize = Math.max(1, dtypeInfo(dtype).bits / 8);
  return { itemsize, swap: bigEndian ? swapSize(dtype) : 1, start: 0, strides: null };
}

/** Bytes that a writer of the other byte order reverses. */
export function swapSize(dtype: DType): number {
  const { kind, bits } = dtypeInfo(dtype);
  return Math.max(1, bits / (kind === 'complex' ? 16 : 8));
}

/** Strides in bytes of Fortran order: the first index varies fastest. */
export function fortranStrides(shape: Shape, itemsize: number): number[] {
  const strides: number[] = [];
  let stride = itemsize;
  for (const size of shape) {
    strides.push(stride);
    stride *= size;
  }
  return strides;
}

/** Bytes of an entry's elements. */
export function unpackedBytes(dtype: DType, shape: Shape): number {
  return bytesFor(dtype, elementCount(shape));
}
