import type { DType } from '../../ndarray/dtype.ts';
import type { TensorStep } from '../../ndarray/lazy-tensor.ts';
import type { OwnValue } from './own-value.ts';

/** The elementwise edits of one tensor, newest first; states share their tails. */
export interface StepChain {
  readonly step: TensorStep;
  /** What the history calls the edit that the step came from; `SAME_EDIT` for further steps of the one before. */
  readonly label: string;
  readonly previous: StepChain | null;
}

/** One tensor after some edits. States are never mutated: undo puts the former one back. */
export interface TensorState {
  readonly id: number;
  readonly name: string;
  readonly dtype: DType;
  /** Null for the value that the file stores. One of its own always has steps over it, if only one that changes nothing: whoever writes the tensor writes all of its elements. */
  readonly value: OwnValue | null;
  readonly steps: StepChain | null;
  /**
   * Tensors of one number are one value, whatever bytes their file gives them; null for one that has elements
   * of its own although its file has them in common with others. Absent where all is as in the file.
   */
  readonly tie?: number | null;
}

/** `null` is a tensor that is not there: before it came or after it was deleted. */
export interface TensorChange {
  readonly before: TensorState | null;
  readonly after: TensorState | null;
}

/** Values by key, in the order in which they are written. */
export type Metadata = ReadonlyMap<string, string>;

/** All that one edit does to a document, in a form that can be applied and reverted. */
export interface Change {
  readonly tensors: readonly TensorChange[];
  readonly metadata: { readonly before: Metadata; readonly after: Metadata } | null;
}

export const SAME_EDIT = '';

/** Oldest first. */
export function stepsOf(state: TensorState): StepChain[] {
  const chain: StepChain[] = [];
  for (let link = state.steps; link; link = link.previous) chain.push(link);
  return chain.reverse();
}

/** `state` with `value` in place of the one it had; the history calls the edit `label`. */
export function withValue(state: Pick<TensorState, 'id' | 'name'>, value: OwnValue, label: string): TensorState {
  const { dtype } = value.entry;
  return { ...state, dtype, value, steps: { step: { kind: 'cast', dtype }, label, previous: null } };
}

export function withStep(state: TensorState, step: TensorStep, label: string): TensorState {
  const dtype = step.kind === 'cast' ? step.dtype : state.dtype;
  return { ...state, dtype, steps: { step, label, previous: state.steps } };
}
