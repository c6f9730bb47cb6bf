import { formatShape } from '../../ndarray/shape.ts';
import { inSlices } from '../slices.ts';
import type { SideTensor } from './compared.ts';
import type { Side } from './sides.ts';

/** A tensor of either side that belong together. */
export interface Pair {
  readonly before: SideTensor;
  readonly after: SideTensor;
}

/** Tensors whose names are on one side only. */
export interface Unmatched {
  readonly removed: readonly SideTensor[];
  readonly added: readonly SideTensor[];
}

/** What is to be compared with what; all in the order of its side. */
export interface ComparisonPlan {
  readonly before: Side;
  readonly after: Side;
  /** Of one name and shape. */
  readonly pairs: readonly Pair[];
  /** Of one name and two shapes. */
  readonly reshaped: readonly Pair[];
  /** In groups of one dtype and shape: any of them may be another's under a new name. */
  readonly candidates: readonly Unmatched[];
  /** Those that nothing on the other side fits. */
  readonly rest: Unmatched;
  /** That the progress of the comparison ends at. */
  readonly bytes: number;
}

/** Names are matched in slices: either side may have 200,000. */
export async function planComparison(before: Side, after: Side, signal?: AbortSignal): Promise<ComparisonPlan> {
  const is = new Map<string, SideTensor>();
  await inSlices(
    tensorsOf(after),
    (tensor) => {
      is.set(tensor.name, tensor);
    },
    signal,
  );
  const pairs: Pair[] = [];
  const reshaped: Pair[] = [];
  const removed: SideTensor[] = [];
  let bytes = 0;
  await inSlices(
    tensorsOf(before),
    (tensor) => {
      const other = is.get(tensor.name);
      is.delete(tensor.name);
      if (!other) removed.push(tensor);
      else if (!isOneShape(tensor, other)) reshaped.push({ before: tensor, after: other });
      else {
        pairs.push({ before: tensor, after: other });
        bytes += tensor.bytes + other.bytes;
      }
    },
    signal,
  );
  const { candidates, rest } = candidatesOf({ removed, added: [...is.values()] });
  for (const group of candidates) bytes += bytesOf(group);
  return { before, after, pairs, reshaped, candidates, rest, bytes };
}

function* tensorsOf(side: Side): Generator<SideTensor> {
  for (let place = 0; place < side.count; place++) yield side.at(place);
}

function candidatesOf({ removed, added }: Unmatched): Pick<ComparisonPlan, 'candidates' | 'rest'> {
  const gone = groupBy(removed, kindOf);
  const come = groupBy(added, kindOf);
  return {
    candidates: [...gone].flatMap(([kind, members]) => {
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

function isOneShape(a: SideTensor, b: SideTensor): boolean {
  return a.shape.length === b.shape.length && a.shape.every((size, axis) => size === b.shape[axis]);
}

export function bytesOf({ removed, added }: Unmatched): number {
  return [...removed, ...added].reduce((sum: number, { bytes }) => sum + bytes, 0);
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
