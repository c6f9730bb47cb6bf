import type { DType } from '../../ndarray/dtype.ts';
import type { PackedStorage } from '../../ndarray/packed-storage.ts';
import type { Shape } from '../../ndarray/shape.ts';
import type { StoredBytes } from './stored-bytes.ts';

/** Bytes that can be read anywhere. */
export interface RandomBytes {
  readonly nbytes: number;
  /** Fills `target` from byte `start` on. @throws CheckpointFormatError beyond the end */
  read(start: number, target: Uint8Array): void;
}

/** A file of the checkpoint; reading checks that it is still the one that was opened. */
export interface JobFile extends RandomBytes {
  readonly path: string;
  /** For messages: no path. */
  readonly name: string;
}

/** What a decoder is asked for, and what it has at hand. Runs in a worker thread. */
export interface UnpackJob {
  /** As the reader of the format left them: checked again by the decoder, for they are built from a hostile file. */
  readonly parameters: PackedStorage['parameters'];
  readonly dtype: DType;
  readonly shape: Shape;
  /** Bytes of the unpacked value: all elements in C order, little-endian (of a sparse entry: what its layout wants). */
  readonly nbytes: number;
  /** Index into `Checkpoint.files`. */
  file(index: number): JobFile;
  /** Random access to stored bytes; those of a compressed stream are first inflated into a scratch file. */
  bytes(stored: StoredBytes): Promise<RandomBytes>;
  /** Stored bytes from first to last, in pieces of at most 8 MiB, inflated on the way. */
  pieces(stored: StoredBytes): AsyncIterable<Uint8Array>;
  /** Puts bytes of the value where they belong; what is never written is zero. */
  write(bytes: Uint8Array, position: number): void;
  /** Counts bytes of the value as done. @throws CancelledError: call it at least once per 8 MiB */
  advance(nbytes: number): void;
}

/**
 * Writes all of a value. Memory stays below a few pieces of 8 MiB whatever the value's size. What breaks the
 * format's rules is a CheckpointFormatError with file and offset, or an UnsafeCheckpointError.
 */
export type Decoder = (job: UnpackJob) => Promise<void>;
