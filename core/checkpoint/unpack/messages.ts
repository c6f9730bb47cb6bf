import type { SerializedError } from '../../errors.ts';
import type { DType } from '../../ndarray/dtype.ts';
import type { PackedTensor } from '../../ndarray/packed-storage.ts';
import type { Shape } from '../../ndarray/shape.ts';

/** One value to unpack, as it crosses to a worker. */
export interface UnpackTask {
  readonly id: number;
  readonly packed: PackedTensor;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly nbytes: number;
  /** The scratch file to make; names beside it are the worker's too. */
  readonly target: string;
  /** Shared: 1 stops the work at its next piece. */
  readonly cancel: Int32Array;
}

export type FromUnpackWorker =
  | { readonly type: 'progress'; readonly id: number; readonly done: number }
  | { readonly type: 'done'; readonly id: number }
  | { readonly type: 'failed'; readonly id: number; readonly error: SerializedError };
