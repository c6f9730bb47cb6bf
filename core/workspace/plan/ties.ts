import { DTypeMismatchError, InvalidArgumentError, ShapeMismatchError } from '../../errors.ts';
import type { LazyTensor } from '../../ndarray/lazy-tensor.ts';
import { formatShape } from '../../ndarray/shape.ts';
import type { EditOf } from '../edits.ts';
import type { DocumentState } from '../state/document-state.ts';
import { type TensorChange, type TensorState, withStep } from '../state/tensor-state.ts';
import { checkUnpacked } from './elementwise.ts';
import { withOwnValue } from './own-values.ts';
import { type PlannedEdit, tensorsLabel } from './planned-edit.ts';
import { selectTensors } from './select.ts';

/**
 * An edit of tied weights, tensors that are the same elements, is made of all of them: they stay tied, and
 * one storage holds the new values. Where the edit names several of them the first says what they become.
 */
export function withTied(state: DocumentState, planned: PlannedEdit): PlannedEdit {
  const { tensors, metadata } = planned.change;
  const named = new Set(tensors.map(({ before }) => before?.id));
  const following = new Set<number>();
  const tied: string[] = [];
  const changes: TensorChange[] = [];
  for (const change of tensors) {
    const { before } = change;
    if (before && following.has(before.id)) continue;
    changes.push(change);
    const valued = valueChange(change);
    if (!valued) continue;
    for (const other of state.tiedTo(valued.before)) {
      following.add(other.id);
      if (!named.has(other.id)) tied.push(other.name);
      changes.push({ before: other, after: followed(state, other, valued) });
    }
  }
  if (following.size === 0) return planned;
  return {
    ...planned,
    label: tied.length === 0 ? planned.label : `${planned.label}, and what is tied to it`,
    tensors: planned.tensors + tied.length,
    tied,
    change: { tensors: changes, metadata },
  };
}

/** The tied tensors that an edit names get elements of their own. */
export function takenApart(state: DocumentState, planned: PlannedEdit): PlannedEdit {
  const { tensors, metadata } = planned.change;
  const named = new Set(tensors.map(({ before }) => before?.id));
  const tied = new Map<number, string>();
  const changes = tensors.map((change) => {
    const valued = valueChange(change);
    const others = valued ? state.tiedTo(valued.before) : [];
    for (const { id, name } of others) if (!named.has(id)) tied.set(id, name);
    return valued && others.length > 0 ? { ...change, after: { ...valued.after, tie: null } } : change;
  });
  return { ...planned, tied: [...tied.values()], change: { tensors: changes, metadata } };
}

interface ValueChange {
  readonly before: TensorState;
  readonly after: TensorState;
}

/** Null where the tensor comes or goes, or only its name changes. */
function valueChange({ before, after }: TensorChange): ValueChange | null {
  return before && after && (before.value !== after.value || before.steps !== after.steps) ? { before, after } : null;
}

function followed(state: DocumentState, other: TensorState, { before, after }: ValueChange): TensorState {
  const { dtype, value, steps } = after;
  if (value === before.value && steps && steps.previous === before.steps) {
    return withStep({ ...other, dtype }, steps.step, steps.label);
  }
  const own = value && withOwnValue(state, other, { lazy: value.lazy, label: steps?.label ?? '' }).value;
  return { ...other, dtype, value: own, steps };
}

/** The tensors become one value, that of the first and of what is tied to it already. */
export function planTie(state: DocumentState, { names }: EditOf<'tie'>): PlannedEdit {
  const [first, ...others] = [...new Set(names)].map((name) => state.byName(name));
  if (!first || others.length === 0) throw new InvalidArgumentError('A tie takes two tensors at least: name another.');
  const members = [first, ...state.tiedTo(first)];
  const joining = others.filter(({ id }) => !members.some((member) => member.id === id));
  if (joining.length === 0) {
    throw new InvalidArgumentError(`What is named is tied to '${first.name}' already.`, { name: first.name });
  }
  checkUnpacked(first);
  for (const other of joining) checkTies(state, first, other);
  const tie = typeof first.tie === 'number' ? first.tie : state.newId();
  const label = `Tie ${tensorsLabel(joining.map(({ name }) => name))} to ${first.name}`;
  const value: LazyTensor = { ...state.lazy(first.id), steps: [] };
  const changes = [
    ...members.map((before) => ({ before, after: { ...before, tie } })),
    ...joining.map((before) => {
      const own = withOwnValue(state, before, { lazy: value, label });
      return { before, after: { ...own, dtype: first.dtype, steps: first.steps ?? own.steps, tie } };
    }),
  ];
  return { label, tensors: joining.length + 1, change: { tensors: changes, metadata: null } };
}

function checkTies(state: DocumentState, first: TensorState, other: TensorState): void {
  const [shape, otherShape] = [state.entry(first.id).shape, state.entry(other.id).shape].map(formatShape);
  if (first.dtype !== other.dtype) {
    throw new DTypeMismatchError(
      `'${other.name}' is ${other.dtype} and cannot be tied to '${first.name}', which is ${first.dtype}: cast one of them first.`,
      { name: other.name },
    );
  }
  if (shape === otherShape) return;
  throw new ShapeMismatchError(
    `'${other.name}' has shape ${otherShape} and cannot be tied to '${first.name}' of shape ${shape}: reshape one of them first.`,
    { name: other.name },
  );
}

/** The tensors get elements of their own with the values that they have. */
export function planUntie(state: DocumentState, { select }: EditOf<'untie'>): PlannedEdit {
  const selected = selectTensors(state, select);
  const ids = new Set(selected.map(({ id }) => id));
  const keeping = new Set<number>();
  const changes = selected.flatMap((before): TensorChange[] => {
    const tied = state.tiedTo(before);
    if (tied.length === 0 && (before.tie === null || state.sharing(before.id, 1).length === 0)) return [];
    // Of a tie that is taken apart entirely the first keeps the elements.
    const isFirst = tied.length > 0 && tied.every(({ id }) => ids.has(id) && !keeping.has(id));
    if (!isFirst) return [{ before, after: apart(before) }];
    keeping.add(before.id);
    return typeof before.tie === 'number' ? [{ before, after: { ...before, tie: null } }] : [];
  });
  if (changes.length === 0) {
    throw new InvalidArgumentError(
      `${selected.length === 1 ? `'${selected[0]?.name}' is not` : `None of the ${selected.length} tensors is`} tied to another.`,
    );
  }
  const label = `Untie ${tensorsLabel(changes.flatMap(({ after }) => after?.name ?? []))}`;
  return { label, tensors: changes.length, change: { tensors: changes, metadata: null } };
}

/** A step that changes nothing has all elements written. */
function apart(before: TensorState): TensorState {
  const label = `Untie ${before.name}`;
  const own = before.steps ? before : withStep(before, { kind: 'cast', dtype: before.dtype }, label);
  return { ...own, tie: null };
}
