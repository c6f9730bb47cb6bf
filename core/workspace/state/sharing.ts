import type { Entry } from '../../checkpoint/checkpoint.ts';
import { stepsOf, type TensorState } from './tensor-state.ts';

/** Which tensors have their elements in common: by the storage that their file gives them, and by ties made since. */
export class Sharing {
  readonly #stored: () => Iterable<readonly [id: number, entry: Entry]>;
  /** Ids by storage group; made when somebody first asks. */
  #groups: Map<number, number[]> | null = null;
  readonly #ties = new Map<number, Set<number>>();

  constructor(stored: () => Iterable<readonly [id: number, entry: Entry]>) {
    this.#stored = stored;
  }

  enter({ id, tie }: TensorState): void {
    if (typeof tie !== 'number') return;
    const members = this.#ties.get(tie);
    if (members) members.add(id);
    else this.#ties.set(tie, new Set([id]));
  }

  leave({ id, tie }: TensorState): void {
    if (typeof tie === 'number') this.#ties.get(tie)?.delete(id);
  }

  /** Those of one tie. */
  tied(tie: number): Iterable<number> {
    return this.#ties.get(tie) ?? [];
  }

  /** Those whose entries lie in one storage. */
  group({ storageGroup }: Entry): readonly number[] {
    if (storageGroup === undefined) return [];
    this.#groups ??= this.#makeGroups();
    return this.#groups.get(storageGroup) ?? [];
  }

  #makeGroups(): Map<number, number[]> {
    const groups = new Map<number, number[]>();
    for (const [id, { storageGroup }] of this.#stored()) {
      if (storageGroup === undefined) continue;
      const group = groups.get(storageGroup);
      if (group) group.push(id);
      else groups.set(storageGroup, [id]);
    }
    return groups;
  }
}

/**
 * Equal for tensors that are the same elements: tied by an edit, or the same bytes of the file with the same
 * edits since. Null for one whose elements are its own. `stored` is the tensor as its file holds it.
 */
export function tieKey(tensor: TensorState, stored: Entry | null): string | null {
  const { tie, value } = tensor;
  if (tie === null) return null;
  if (tie !== undefined) return `tie ${tie}`;
  if (stored?.storageGroup === undefined) return null;
  const { file, offset, dtype, shape, packed } = stored;
  const steps = stepsOf(tensor).map(({ step }) => step);
  return JSON.stringify([file, offset, dtype, shape, packed ?? null, value?.lazy ?? null, steps]);
}
