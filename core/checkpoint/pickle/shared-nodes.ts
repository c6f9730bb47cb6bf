import {
  PickleDict,
  PickleList,
  type PickleNode,
  PickleObject,
  PicklePersistent,
  PickleSet,
  PickleTuple,
  type PickleValue,
} from './values.ts';

/** The nodes that are used more than once, cycles included: those that a pickle must memoize. */
export function sharedNodes(root: PickleValue): ReadonlySet<PickleNode> {
  const seen = new Set<PickleNode>();
  const shared = new Set<PickleNode>();
  const open: PickleValue[] = [root];
  while (open.length > 0) {
    const value = open.pop();
    if (value === null || value === undefined || typeof value !== 'object') continue;
    if (seen.has(value)) {
      shared.add(value);
      continue;
    }
    seen.add(value);
    for (const child of childrenOf(value)) open.push(child);
  }
  return shared;
}

/** The values that a pickle writes within a value. */
export function childrenOf(node: PickleNode): Iterable<PickleValue> {
  if (node instanceof PickleTuple || node instanceof PickleList || node instanceof PickleSet) return node.items;
  if (node instanceof PickleDict) return node.pairs;
  if (node instanceof PicklePersistent) return [node.id];
  return node instanceof PickleObject ? objectChildren(node) : [];
}

function* objectChildren(node: PickleObject): Generator<PickleValue> {
  yield node.callable;
  // The arguments of `inst` are written one by one, without their tuple.
  if (node.construction === 'inst' && node.args instanceof PickleTuple) yield* node.args.items;
  else yield node.args;
  yield node.kwargs;
  yield* node.items ?? [];
  yield* node.pairs ?? [];
  yield* node.states ?? [];
}
