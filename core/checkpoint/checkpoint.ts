import type { DType } from '../ndarray/dtype.ts';
import type { FileStamp } from '../ndarray/lazy-tensor.ts';
import type { PackedStorage } from '../ndarray/packed-storage.ts';
import type { Shape } from '../ndarray/shape.ts';
import type { SparseStorage } from '../ndarray/sparse-layout.ts';

/** One file of a checkpoint; a sharded checkpoint has several. */
export interface CheckpointFile {
  readonly path: string;
  readonly stamp: FileStamp;
}

/** One tensor of a checkpoint as it lies on disk. Nothing of its value is in memory. */
export interface Entry {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  /** Of a sparse array those of its dense form. */
  readonly nbytes: number;
  /** Index into `Checkpoint.files`. */
  readonly file: number;
  /** Byte position in that file; of a sparse array that of its stored values. */
  readonly offset: number;
  /** How a sparse array is stored; absent where all elements are. */
  readonly sparse?: SparseStorage;
  /** How the elements are stored where they do not lie in the file as they are; `offset` is then where their first byte lies. */
  readonly packed?: PackedStorage;
  /** Of a quantized value, which `packed` widens: the numbers as the file stores them, from `offset` on or by a `packed` of their own. `hash` is theirs. */
  readonly stored?: { readonly dtype: DType; readonly nbytes: number; readonly packed?: PackedStorage };
  /** Entries of one group share their stored bytes (tied weights, views of one storage); absent for an entry of its own. */
  readonly storageGroup?: number;
  /** What the container says of this tensor beside its value, for people: `requires_grad`, `quantization`, `ggml_type`, … */
  readonly facts?: Readonly<Record<string, string>>;
}

/** A value that a checkpoint holds beside its tensors (epochs, arguments, configurations), as a tree to browse. */
export interface ValueNode {
  /** The key or index under its parent. */
  readonly key: string;
  /** `object` is one of a class that is not built here: its qualified name is `type`. */
  readonly kind: 'mapping' | 'sequence' | 'number' | 'string' | 'boolean' | 'null' | 'bytes' | 'tensor' | 'object';
  /** The value for people, cut to 4,096 characters; for a mapping or sequence a summary such as `3 items`. */
  readonly text: string;
  /** The qualified name of its class in the container's own language, where it is no plain value. */
  readonly type?: string;
  readonly children?: readonly ValueNode[];
}

/** An array whose elements are no numbers (strings, dates, records): listed and hashed, not looked into. */
export interface OtherArray {
  readonly name: string;
  /** What its elements are: `string`, `datetime64[s]`. */
  readonly dtype: string;
  readonly shape: Shape;
  /** Bytes that its elements take in the file. */
  readonly nbytes: number;
  /** In file order it comes before the entry of this index. */
  readonly before: number;
  /** Where its bytes lie; absent where that is not in one run of bytes. */
  readonly file?: number;
  readonly offset?: number;
  /** The first elements for people, cut to 4,096 characters. */
  readonly text: string;
}

/** Half-open range of bytes, relative to the start of an entry. */
export interface ByteRange {
  readonly start: number;
  readonly stop: number;
}

export type CheckpointFormat =
  | 'safetensors'
  | 'safetensors-index'
  | 'mxnet'
  | 'npy'
  | 'npz'
  | 'pytorch'
  | 'pytorch-index'
  | 'gguf'
  | 'onnx'
  | 'hdf5'
  | 'keras'
  | 'tfjs'
  | 'flax-msgpack'
  | 'tflite'
  | 'tf-checkpoint';

/** Formats that files are written in: those that have a writer (core/workspace/save/writers.ts). */
export type WritableFormat =
  | 'safetensors'
  | 'mxnet'
  | 'npy'
  | 'npz'
  | 'pytorch'
  | 'gguf'
  | 'onnx'
  | 'hdf5'
  | 'keras'
  | 'tfjs'
  | 'flax-msgpack';

/**
 * An open checkpoint: structure in memory, values on disk. Every read first checks that the file is
 * still the one that was opened and throws `FileChangedError` where it is not.
 */
export interface Checkpoint {
  readonly format: CheckpointFormat;
  /** The file that the user named: the checkpoint itself, or the index of a sharded one. */
  readonly path: string;
  readonly files: readonly CheckpointFile[];
  /** Where the user named one of several parts that are files of their own: which of `files`. */
  readonly part?: number;
  /** `__metadata__` of safetensors, none of MXNet, keys and values of GGUF; of a sharded checkpoint the index's own metadata, values as JSON where they are no strings. */
  readonly metadata: Readonly<Record<string, string>>;
  /** In file order: as the header lists them, shard after shard. */
  readonly entries: readonly Entry[];
  /** What it holds beside tensors and metadata; absent where the format has no such thing. */
  readonly values?: readonly ValueNode[];
  /** Arrays that are no tensors; absent where there is none. */
  readonly others?: readonly OtherArray[];
  find(name: string): Entry | undefined;
  /** The element bytes of `entry` in `range` (all of it by default, up to 1 GiB). */
  read(entry: Entry, range?: ByteRange): Promise<Uint8Array>;
  close(): Promise<void>;
}
