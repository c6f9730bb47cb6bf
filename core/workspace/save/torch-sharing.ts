import type { Entry } from '../../checkpoint/checkpoint.ts';
import { stepsOf } from '../state/tensor-state.ts';
import { type SavedTensor, staysInPlace } from './saved-tensor.ts';

/** How the new values of an edited tensor get into the file. */
export type Writing =
  /** Over its old ones. */
  | 'in place'
  /** Nothing to do: a tensor that is the same elements writes them. */
  | 'with another'
  /** As bytes of its own: it was converted, does not lie in one run, or shares bytes with one that stays as it is. */
  | 'anew';

/** What happens to each edited tensor of a file, by id. The value that the document shows is what counts: who shared bytes with one that stays gets its own. */
export function writingsOf(tensors: readonly SavedTensor[]): ReadonlyMap<number, Writing> {
  const groups = byGroup(tensors);
  const writings = new Map<number, Writing>();
  for (const tensor of tensors) {
    if (tensor.edited) writings.set(tensor.id, writingOf(tensor, groups, writings));
  }
  return writings;
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
  let result: Writing = 'in place';
  for (const other of groups.get(origin.storageGroup ?? -1) ?? []) {
    if (other.id === tensor.id || !other.origin || !overlaps(origin, other.origin)) continue;
    if (!isSame(tensor, other)) return 'anew';
    if (writings.get(other.id) === 'in place') result = 'with another';
  }
  return result;
}

/** Where the bytes of a packed one lie in their storage is not known here. */
function overlaps(a: Entry, b: Entry): boolean {
  if (b.packed) return true;
  return a.offset < b.offset + b.nbytes && b.offset < a.offset + a.nbytes;
}

/** Whether two tensors are the same elements, and the same was done to them. */
function isSame(a: SavedTensor, b: SavedTensor): boolean {
  const [x, y] = [a.origin, b.origin];
  if (!x || !y || y.packed || x.offset !== y.offset || a.dtype !== b.dtype) return false;
  if (JSON.stringify(a.shape) !== JSON.stringify(b.shape)) return false;
  return stepsText(a) === stepsText(b);
}

/** Equal for tensors that were the same elements and still are after the same edits; null for one that shares with none. */
export function tiedIdentity(tensor: SavedTensor): string | null {
  const { origin } = tensor;
  if (!origin || origin.storageGroup === undefined) return null;
  const { file, offset, dtype, shape, packed } = origin;
  return JSON.stringify([file, offset, dtype, shape, packed ?? null, stepsText(tensor)]);
}

function stepsText({ state }: SavedTensor): string {
  return JSON.stringify([state.value?.lazy ?? null, stepsOf(state).map(({ step }) => step)]);
}
