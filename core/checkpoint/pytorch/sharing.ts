import type { StridedView, TensorValue } from './tensor.ts';
import type { FoundTensor } from './walk.ts';

export interface Sharing {
  readonly group: number;
  /** `tied_with` names tensors that are the same elements, `shares_storage_with` other views of the storage. */
  readonly facts: Readonly<Record<string, string>>;
}

/** As many names as a person reads. */
const MAX_NAMES = 8;

/** Which tensors lie in one storage, by their index among `found`; those that are alone in theirs are not listed. */
export function* sharingOf(found: readonly FoundTensor[]): Generator<void, ReadonlyMap<number, Sharing>> {
  const byStorage = new Map<string, number[]>();
  for (const [index, { value }] of found.entries()) {
    yield;
    const view = viewOf(value);
    if (!view) continue;
    const members = byStorage.get(view.storage.key);
    if (members) members.push(index);
    else byStorage.set(view.storage.key, [index]);
  }
  const sharing = new Map<number, Sharing>();
  let group = 0;
  for (const members of byStorage.values()) {
    yield;
    if (members.length < 2) continue;
    describe(members, found, group, sharing);
    group++;
  }
  return sharing;
}

function describe(
  members: readonly number[],
  found: readonly FoundTensor[],
  group: number,
  sharing: Map<number, Sharing>,
): void {
  const bySignature = new Map<string, number[]>();
  for (const index of members) {
    const key = signature(found[index]?.value);
    const same = bySignature.get(key);
    if (same) same.push(index);
    else bySignature.set(key, [index]);
  }
  for (const same of bySignature.values()) {
    const others = members.length - same.length;
    for (const index of same) {
      const tied = names(same, found, index);
      const facts: Record<string, string> = {};
      if (tied !== '') facts.tied_with = tied;
      if (others > 0) facts.shares_storage_with = names(members, found, index, new Set(same));
      sharing.set(index, { group, facts });
    }
  }
}

function names(
  members: readonly number[],
  found: readonly FoundTensor[],
  own: number,
  without: ReadonlySet<number> = new Set(),
): string {
  const listed: string[] = [];
  let more = 0;
  for (const index of members) {
    if (index === own || without.has(index)) continue;
    if (listed.length < MAX_NAMES) listed.push(found[index]?.name ?? '');
    else more++;
  }
  return more > 0 ? `${listed.join(', ')} and ${more} more` : listed.join(', ');
}

function viewOf(value: TensorValue): StridedView | undefined {
  return value.kind === 'strided' || value.kind === 'quantized' ? value.view : undefined;
}

/** Equal for views that show the same elements in the same way. */
function signature(value: TensorValue | undefined): string {
  const view = value && viewOf(value);
  if (!view) return '';
  const { dtype, shape, strides, start, storage } = view;
  return [dtype, start, storage.viewStart, shape.join('x'), strides.join('x')].join(' ');
}
