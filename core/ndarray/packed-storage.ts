import type { FileStamp, LazyTensor } from './lazy-tensor.ts';

/** Plain data, so that it crosses to workers and journals. */
export type PackedValue =
  | string
  | number
  | boolean
  | null
  | readonly PackedValue[]
  | { readonly [key: string]: PackedValue };

/**
 * How a file stores elements that do not lie there as they are, in C order and little-endian: compressed,
 * strided, big-endian, in chunks. `decoder` names who understands `parameters` (core/checkpoint/unpack).
 * Such a value is unpacked off the main thread, in bounded memory, into a scratch file when somebody
 * first looks; from then on it is a run of bytes like any other.
 */
export interface PackedStorage {
  readonly decoder: string;
  readonly parameters: { readonly [key: string]: PackedValue };
}

/** A file of a checkpoint, as it was when the checkpoint was opened. */
export interface PackedFile {
  readonly path: string;
  readonly stamp: FileStamp;
}

/** A packed value with the files that its parameters number. */
export interface PackedTensor extends PackedStorage {
  readonly files: readonly PackedFile[];
}

export interface UnpackOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called with the unpacked bytes that are done. */
  readonly onProgress?: ((doneBytes: number) => void) | undefined;
  /** What the user looks at (`'view'`, the default) overtakes what waits in the background. */
  readonly priority?: 'view' | 'background' | undefined;
  /** False for who holds another value already: where there is no room now it fails instead of waiting for room. */
  readonly wait?: boolean;
}

/** A tensor whose bytes lie in a file as they are, for as long as it is held. */
export interface UnpackedLease {
  readonly tensor: LazyTensor;
  /** From here on the scratch file may be removed. */
  release(): void;
}

/** Makes packed tensors plain; what is plain is given back as it is. */
export interface Unpacker {
  /**
   * The scratch file stays at least until `release`; callers that want one value at once share the work,
   * which goes on as long as one of them waits.
   *
   * @throws CheckpointFormatError, UnsafeCheckpointError where the stored bytes break their format's rules.
   * @throws FileChangedError where a file is no longer the one that was opened.
   * @throws OutOfMemoryError where the disk, or the limit of the scratch folder, has no room.
   * @throws CancelledError
   */
  unpack(tensor: LazyTensor, options?: UnpackOptions): Promise<UnpackedLease>;
  close(): Promise<void>;
}
