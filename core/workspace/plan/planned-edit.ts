import type { Edit } from '../edits.ts';
import type { Change } from '../state/tensor-state.ts';

/** An edit that passed every check against the state it was planned for; nothing has changed yet. */
export interface PlannedEdit {
  /** What the history calls it. */
  readonly label: string;
  /** How many tensors it touches. */
  readonly tensors: number;
  readonly change: Change;
  /** Names of tensors that are tied to those that the edit names: they follow, or come apart. */
  readonly tied?: readonly string[];
  /** The edit with all that chance or the moment decided (seeds, states of files), where that is more than was asked for. */
  readonly edit?: Edit;
}

/** `tensor 'a.weight'` or `12 tensors`, for labels. */
export function tensorsLabel(names: readonly string[]): string {
  const [first = ''] = names;
  return names.length === 1 ? first : `${names.length} tensors`;
}
