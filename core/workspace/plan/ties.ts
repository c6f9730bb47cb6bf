import type { Entry } from '../../checkpoint/checkpoint.ts';
import type { DocumentState } from '../state/document-state.ts';
import { type StepChain, stepsOf, type TensorChange, type TensorState } from '../state/tensor-state.ts';
import type { PlannedEdit } from './planned-edit.ts';

/**
 * An edit of tied weights, tensors that are the same stored elements, is made of all of them: they stay
 * tied, and one storage holds the new values. Tensors to which something else was done before are not tied
 * any more.
 */
export function withTied(state: DocumentState, planned: PlannedEdit): PlannedEdit {
  const { tensors, metadata } = planned.change;
  const known = new Set(tensors.map(({ before, after }) => (before ?? after)?.id));
  const added: TensorChange[] = [];
  for (const { before, after } of tensors) {
    const step = before && after?.steps?.previous === before.steps ? after.steps : null;
    if (!before || !after || !step) continue;
    for (const other of tiedTo(state, before)) {
      if (known.has(other.id)) continue;
      known.add(other.id);
      added.push({ before: other, after: followed(other, after, step) });
    }
  }
  if (added.length === 0) return planned;
  return {
    ...planned,
    label: `${planned.label}, and what is tied to it`,
    tensors: planned.tensors + added.length,
    change: { tensors: [...tensors, ...added], metadata },
  };
}

function followed(other: TensorState, { dtype }: TensorState, { step, label }: StepChain): TensorState {
  return { ...other, dtype, steps: { step, label, previous: other.steps } };
}

/** The tensors that are the same elements as one, with the same edits so far. */
function tiedTo(state: DocumentState, tensor: TensorState): TensorState[] {
  const entry = state.stored(tensor.id);
  if (!entry || entry.storageGroup === undefined || tensor.value !== null) return [];
  const place = placeText(entry);
  const steps = stepsText(tensor);
  return state.sharing(tensor.id, Number.POSITIVE_INFINITY).flatMap((name) => {
    const other = state.byName(name);
    const stored = state.stored(other.id);
    const isTied = stored && other.value === null && placeText(stored) === place && stepsText(other) === steps;
    return isTied ? [other] : [];
  });
}

function placeText({ file, offset, dtype, shape, packed }: Entry): string {
  return JSON.stringify([file, offset, dtype, shape, packed ?? null]);
}

function stepsText(tensor: TensorState): string {
  return JSON.stringify(stepsOf(tensor).map(({ step }) => step));
}
