import { ParascopeError } from '../../errors.ts';
import type { Edit, EditedFile, SingleEdit } from '../edits.ts';
import type { DocumentState } from '../state/document-state.ts';
import type { Change, TensorChange, TensorState } from '../state/tensor-state.ts';
import type { PlannedEdit } from './planned-edit.ts';

/** An edit of a batch, for what those before it leave. */
export type BatchMember = (now: DocumentState) => SingleEdit;

export interface PlannedBatch {
  readonly members: readonly PlannedEdit[];
  /** The edits as they are to be recorded. */
  readonly edits: readonly SingleEdit[];
  readonly change: Change;
}

interface BatchParts {
  readonly edited: readonly EditedFile[];
  /** By default what its edits are called. */
  readonly label?: string | undefined;
}

/** What the batch is in the history, with the edits as they are to be recorded. */
export function batchOf({ members, edits, change }: PlannedBatch, { label, edited }: BatchParts): PlannedEdit {
  const edit: Edit = {
    kind: 'batch',
    ...(label !== undefined && { label }),
    edits: [...edits],
    ...(edited.length > 0 && { edited: [...edited] }),
  };
  const tied = [...new Set(members.flatMap((member) => member.tied ?? []))];
  return { label: label ?? labelOf(members), tensors: change.tensors.length, tied, change, edit };
}

export function labelOf(members: readonly PlannedEdit[]): string {
  const [first] = members;
  return first && members.length === 1 ? first.label : `${members.length} edits`;
}

type PlanMember = (state: DocumentState, edit: SingleEdit) => Promise<PlannedEdit>;

/**
 * Plans edits one after the other, each against what those before it leave, and what they come to in all.
 *
 * @throws the error of the first that cannot be made, which the message names by its number
 */
export async function planMembers(
  state: DocumentState,
  members: readonly BatchMember[],
  plan: PlanMember,
): Promise<PlannedBatch> {
  const now = state.fork();
  const planned: PlannedEdit[] = [];
  const edits: SingleEdit[] = [];
  for (const [i, member] of members.entries()) {
    try {
      const edit = member(now);
      const step = await plan(now, edit);
      now.apply(step.change);
      planned.push(step);
      edits.push(recorded(edit, step.edit));
    } catch (error) {
      throw members.length === 1 ? error : named(error, i + 1, members.length);
    }
  }
  return { members: planned, edits, change: combined(planned.map(({ change }) => change)) };
}

function recorded(edit: SingleEdit, completed: Edit | undefined): SingleEdit {
  return completed && completed.kind !== 'batch' ? completed : edit;
}

function named(error: unknown, number: number, count: number): unknown {
  if (!(error instanceof ParascopeError)) return error;
  const message = `Edit ${number} of ${count} cannot be made: ${error.message} None of them was made.`;
  return new ParascopeError(error.code, message, { ...error.details, edit: number });
}

/** One change in place of several: what a tensor was before the first, and what it is after the last. */
function combined(changes: readonly Change[]): Change {
  const tensors = new Map<number, TensorChange>();
  let metadata: Change['metadata'] = null;
  /** Behind which other one each new tensor came to stand. */
  const places = new Map<number, number | null>();
  for (const change of changes) {
    for (const { before, after } of change.tensors) {
      const id = before?.id ?? after?.id;
      if (id === undefined) continue;
      if (!before && after) places.set(id, after.value?.after ?? null);
      tensors.set(id, { before: (tensors.get(id) ?? { before }).before, after });
    }
    if (change.metadata) metadata = { before: (metadata ?? change.metadata).before, after: change.metadata.after };
  }
  const isPassing = (id: number): boolean => tensors.get(id)?.before === null && tensors.get(id)?.after === null;
  const kept = [...tensors].flatMap(([id, { before, after }]) =>
    isPassing(id) ? [] : [{ before, after: after && behindLasting(after, isPassing, places) }],
  );
  return { tensors: kept, metadata };
}

/** What stood behind a tensor that came and went stands behind what that one stood behind. */
function behindLasting(
  state: TensorState,
  isPassing: (id: number) => boolean,
  places: ReadonlyMap<number, number | null>,
): TensorState {
  const { value } = state;
  let after = value?.after ?? null;
  while (after !== null && isPassing(after)) after = places.get(after) ?? null;
  return value && after !== value.after ? { ...state, value: { ...value, after } } : state;
}
