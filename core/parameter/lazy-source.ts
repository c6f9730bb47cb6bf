import type { DType } from '../ndarray/dtype.ts';
import type { FileRegion } from '../ndarray/lazy-tensor.ts';
import type { Shape } from '../ndarray/shape.ts';

/** Consecutive elements of a source: storage bytes, C order, little-endian. The receiver may move `bytes` to a worker. */
export interface SourceChunk {
  readonly elementOffset: number;
  readonly bytes: Uint8Array;
}

export interface ChunkOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Where a deferred Parameter gets its value from when it is asked to: an entry of a file, for instance. */
export interface LazySource {
  readonly dtype: DType;
  readonly shape: Shape;
  /** Storage bytes in all. */
  readonly nbytes: number;
  /** What the source is, for messages: `the file model.safetensors`. */
  describe(): string;
  /** Where the elements lie in a file just as they are now, so that whoever needs them can read them there; null elsewhere. */
  region?(): FileRegion | null;
  /** All elements, each once. Rejects with `CancelledError` once the signal aborts. */
  chunks(options?: ChunkOptions): AsyncIterable<SourceChunk>;
}
