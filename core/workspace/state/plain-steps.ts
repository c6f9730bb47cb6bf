import type { FileRegion, TensorStep } from '../../ndarray/lazy-tensor.ts';
import type { DocumentState } from './document-state.ts';
import { stepsOf, type TensorState } from './tensor-state.ts';

/**
 * What makes a tensor of bytes that lie in a file as they are (`DocumentState.region`), in C order; empty where
 * they are its elements. Null where its value is made otherwise: of others, or of packed bytes.
 */
export function plainSteps(state: DocumentState, tensor: TensorState): readonly TensorStep[] | null {
  const { derived, packed, sparse, dtype: stored } = state.lazy(tensor.id);
  if (derived || packed || sparse) return null;
  let dtype = stored;
  const steps: TensorStep[] = [];
  for (const { step } of stepsOf(tensor)) {
    if (step.kind === 'cast' && step.dtype === dtype) continue;
    if (step.kind === 'cast') dtype = step.dtype;
    steps.push(step);
  }
  return steps;
}

/** Whether the value of a tensor stands on the very bytes that its file stores for it, in whatever shape. */
export function standsOnItself(state: DocumentState, { id, value }: TensorState): boolean {
  if (value === null) return true;
  const stored = state.storedRegion(id);
  return stored !== null && !value.lazy.derived && isSame(stored, value.lazy.region);
}

function isSame(a: FileRegion, b: FileRegion): boolean {
  return a.path === b.path && a.offset === b.offset && a.nbytes === b.nbytes && a.stamp.mtimeMs === b.stamp.mtimeMs;
}
