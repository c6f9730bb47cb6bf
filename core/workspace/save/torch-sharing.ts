import type { Entry } from '../../checkpoint/checkpoint.ts';
import { tieKey } from '../state/sharing.ts';
import { type SavedTensor, staysInPlace } from './saved-tensor.ts';

/** How the new values of an edited tensor get into the file. */
export type Writing =
  /** Over its old ones. */
  | 'in place'
  /** Nothing to do: a tensor that is the same elements writes them. */
  | 'with another'
  /** As bytes of its own: it was converted, does not lie in one run, or shares bytes with one that stays as it is. */
  | 'anew';

/** What happens to each edited or tied tensor of a file, by id. The value that the document shows is what counts: who shared bytes with one that stays gets its own. */
export function writingsOf(tensors: readonly SavedTensor[]): ReadonlyMap<number, Writing> {
  const groups = byGroup(tensors);
  const writings = new Map<number, Writing>();
  for (const tensor of tensors) {
    // Of those that were tied since they were read the file cannot know: all of them go to one new place.
    if (isNewlyTied(tensor, tensors)) writings.set(tensor.id, 'anew');
    else if (tensor.edited) writings.set(tensor.id, writingOf(tensor, groups, writings));
  }
  return writings;
}

function isNewlyTied({ id, state: { tie } }: SavedTensor, tensors: readonly SavedTensor[]): boolean {
  return typeof tie === 'number' && tensors.some((other) => other.id !== id && other.state.tie === tie);
}

function byGroup(tensors: readonly SavedTensor[]): ReadonlyMap<number, SavedTensor[]> {
  const groups = new Map<number, SavedTensor[]>();
  for (const tensor of tensors) {
    const group = tensor.origin?.storageGroup;
    if (group === undefined) continue;
    const members = groups.get(group);
    if (members) members.push(tensor);
    else groups.set(group, [tensor]);
  }
  return groups;
}

function writingOf(
  tensor: SavedTensor,
  groups: ReadonlyMap<number, readonly SavedTensor[]>,
  writings: ReadonlyMap<number, Writing>,
): Writing {
  const { origin } = tensor;
  if (!origin || !staysInPlace(tensor)) return 'anew';
  const key = tieKey(tensor.state, origin);
  let result: Writing = 'in place';
  for (const other of groups.get(origin.storageGroup ?? -1) ?? []) {
    if (other.id === tensor.id || !other.origin || !overlaps(origin, other.origin)) continue;
    if (other.origin.packed || key === null || tieKey(other.state, other.origin) !== key) return 'anew';
    if (writings.get(other.id) === 'in place') result = 'with another';
  }
  return result;
}

/** Where the bytes of a packed one lie in their storage is not known here. */
function overlaps(a: Entry, b: Entry): boolean {
  if (b.packed) return true;
  return a.offset < b.offset + b.nbytes && b.offset < a.offset + a.nbytes;
}
