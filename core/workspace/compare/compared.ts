import type { Shape } from '../../ndarray/shape.ts';
import type { TensorDiff, Tolerance } from '../../stats/engine.ts';

/** A tensor of one of two sides that are compared. */
export interface SideTensor {
  /** Of a document the tensor's id, of a file the place of its entry. */
  readonly id: number;
  readonly name: string;
  readonly dtype: string;
  readonly shape: Shape;
  readonly bytes: number;
}

/** `same`: not a bit differs; `within`: no element differs by more than the tolerance; `renamed`: bit for bit. */
export type ComparedKind = 'value' | 'dtype' | 'shape' | 'renamed' | 'added' | 'removed' | 'same' | 'within';

/** What became of a tensor. */
export interface Compared {
  readonly kind: ComparedKind;
  /** Null where it was added. */
  readonly before: SideTensor | null;
  /** Null where it was removed. */
  readonly after: SideTensor | null;
  /** Null where there are no two values of one shape to compare. */
  readonly diff: TensorDiff | null;
}

/** Who follows a comparison. */
export interface ComparisonFollower {
  readonly signal?: AbortSignal | undefined;
  /** Told of each tensor once, in no order. */
  readonly onFound: (found: Compared) => void;
}

/** What is asked of a comparison, and by whom. */
export interface ComparisonRequest extends ComparisonFollower {
  /** Without one nothing but equal bits counts as equal. */
  readonly tolerance?: Tolerance | undefined;
}
