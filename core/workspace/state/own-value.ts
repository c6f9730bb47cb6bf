import type { Entry } from '../../checkpoint/checkpoint.ts';
import type { LazyTensor } from '../../ndarray/lazy-tensor.ts';

/** The value of a tensor that is not the one that its file stores for it: made of others, or copied in. */
export interface OwnValue {
  /** Before the steps of the tensor, which are none of this. */
  readonly lazy: LazyTensor;
  /**
   * What stands for the tensor where its entry is asked for: its name in the file, where it has one, and
   * dtype, shape and size of the value. Its place is that of the former entry, or of none.
   */
  readonly entry: Entry;
  /** Of a tensor that the file does not hold: after which other one it comes; null for the end. */
  readonly after: number | null;
}
