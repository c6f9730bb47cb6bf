import { formatShape } from '../../ndarray/shape.ts';
import type { Side, SideTensor } from './sides.ts';

/** A tensor of either side that belong together. */
export interface Pair {
  readonly before: SideTensor;
  readonly after: SideTensor;
}

export interface Matching {
  /** Of one name; in the order of the first side, as `removed`. */
  readonly pairs: readonly Pair[];
  readonly removed: readonly SideTensor[];
  readonly added: readonly SideTensor[];
}

export function matchByName(before: Side, after: Side): Matching {
  const is = new Map(after.tensors.map((tensor) => [tensor.name, tensor]));
  const was = new Set(before.tensors.map(({ name }) => name));
  const pairs: Pair[] = [];
  const removed: SideTensor[] = [];
  for (const tensor of before.tensors) {
    const other = is.get(tensor.name);
    if (other) pairs.push({ before: tensor, after: other });
    else removed.push(tensor);
  }
  return { pairs, removed, added: after.tensors.filter(({ name }) => !was.has(name)) };
}

/** Tensors of either side that may be one another's: one dtype, one shape. */
export interface Candidates {
  readonly removed: readonly SideTensor[];
  readonly added: readonly SideTensor[];
}

/** What was removed and what was added, in groups that may hold renames, and the rest. */
export function renameCandidates({ removed, added }: Pick<Matching, 'removed' | 'added'>): {
  readonly groups: readonly Candidates[];
  readonly rest: Candidates;
} {
  const gone = groupBy(removed, kindOf);
  const come = groupBy(added, kindOf);
  return {
    groups: [...gone].flatMap(([kind, members]) => {
      const others = come.get(kind);
      return others ? [{ removed: members, added: others }] : [];
    }),
    rest: {
      removed: removed.filter((tensor) => !come.has(kindOf(tensor))),
      added: added.filter((tensor) => !gone.has(kindOf(tensor))),
    },
  };
}

function kindOf({ dtype, shape }: SideTensor): string {
  return `${dtype} ${formatShape(shape)}`;
}

export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
