import type { Entry } from '../../checkpoint/checkpoint.ts';
import { bytesFor, type DType } from '../../ndarray/dtype.ts';
import { elementCount, type Shape } from '../../ndarray/shape.ts';
import type { DocumentState } from '../state/document-state.ts';
import { standsOnItself } from '../state/plain-steps.ts';
import type { TensorState } from '../state/tensor-state.ts';

/** A tensor as a writer sees it. */
export interface SavedTensor {
  readonly id: number;
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly nbytes: number;
  /** What it was in the file; null for one that came since. */
  readonly origin: Entry | null;
  /** Whether its elements are not those of `origin`. */
  readonly edited: boolean;
  /** For what else a writer may ask of the state. */
  readonly state: TensorState;
}

/** Whether the elements have the places in the file that they had: only then can they be patched there. */
export function staysInPlace({ dtype, shape, origin }: SavedTensor): boolean {
  if (!origin || origin.packed || origin.sparse || origin.dtype !== dtype) return false;
  return shape.length === origin.shape.length && shape.every((size, axis) => size === origin.shape[axis]);
}

/** Whether the stored bytes of a tensor, with what was done to its elements, are the tensor still, be it of another shape. */
export function keepsItsBytes(state: DocumentState, { dtype, origin, state: tensor }: SavedTensor): boolean {
  if (!origin || origin.packed || origin.sparse || origin.dtype !== dtype) return false;
  return standsOnItself(state, tensor);
}

/** In document order. */
export function savedTensors(state: DocumentState): SavedTensor[] {
  return Array.from(state.tensors(), (tensor) => savedTensor(state, tensor));
}

export function savedTensor(state: DocumentState, tensor: TensorState): SavedTensor {
  const { id, name, dtype, steps } = tensor;
  const { shape, nbytes: stored } = state.entry(id);
  const nbytes = steps ? bytesFor(dtype, elementCount(shape)) : stored;
  return { id, name, dtype, shape, nbytes, origin: state.stored(id), edited: steps !== null, state: tensor };
}
