import type { DocumentState } from '../state/document-state.ts';
import type { TensorState } from '../state/tensor-state.ts';
import { type PlannedEdit, tensorsLabel } from './planned-edit.ts';
import { selectTensors } from './select.ts';

/** Deleting every tensor is allowed: a file without tensors is valid. */
export function planDelete(state: DocumentState, { select }: { select: string | string[] }): PlannedEdit {
  const doomed = selectTensors(state, select);
  return { ...removing(doomed), label: `Delete ${tensorsLabel(doomed.map(({ name }) => name))}` };
}

export function planKeep(state: DocumentState, { select }: { select: string | string[] }): PlannedEdit {
  const kept = new Set(selectTensors(state, select));
  const doomed = [...state.tensors()].filter((tensor) => !kept.has(tensor));
  const label = `Keep ${tensorsLabel([...kept].map(({ name }) => name))} of ${state.count}`;
  return { ...removing(doomed), label };
}

function removing(doomed: readonly TensorState[]): Omit<PlannedEdit, 'label'> {
  return {
    tensors: doomed.length,
    change: { tensors: doomed.map((before) => ({ before, after: null })), metadata: null },
  };
}
