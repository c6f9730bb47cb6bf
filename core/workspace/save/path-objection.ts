import type { ValueNode } from '../../checkpoint/checkpoint.ts';
import type { Change, TensorState } from '../state/tensor-state.ts';
import type { SaveSubject } from './format-writer.ts';

/** What is no tensor and keeps its path. */
export interface KeptPaths {
  /** Nothing can lie under these. */
  readonly leaves: ReadonlySet<string>;
  readonly maps: ReadonlySet<string>;
}

/**
 * Why a file whose names are paths, map within map, could not hold the names that `change` makes: a path
 * leads through a value, or ends where another value stands. Null where it could.
 */
export function pathObjection(
  { checkpoint, state }: SaveSubject,
  change: Change,
  kept: KeptPaths = { leaves: leaves(checkpoint.values ?? []), maps: new Set() },
): string | null {
  const fresh = change.tensors.filter(({ before, after }) => after && after.name !== before?.name);
  if (fresh.length === 0) return null;
  const changed = new Map(change.tensors.map(({ before, after }) => [(before ?? after)?.id, after]));
  const names = new Set<string>();
  for (const tensor of state.tensors()) {
    const now = changed.has(tensor.id) ? changed.get(tensor.id) : tensor;
    if (now) names.add(now.name);
  }
  for (const { after } of fresh) if (after) names.add(after.name);
  const { leaves: others, maps } = kept;
  for (const { after } of fresh) {
    if (after && (others.has(after.name) || maps.has(after.name)))
      return `'${after.name}' is the name of another value of the file.`;
    const reason = after && (blockedBy(after, others) ?? blockedBy(after, names));
    if (reason) return reason;
  }
  const news = new Set(fresh.map(({ after }) => after?.name ?? ''));
  for (const name of [...names, ...others, ...maps]) {
    const above = parents(name).find((parent) => news.has(parent));
    if (above !== undefined) return `'${above}' cannot be the name of a tensor: '${name}' lies under it.`;
  }
  return null;
}

function blockedBy({ name }: TensorState, taken: ReadonlySet<string>): string | null {
  const above = parents(name).find((parent) => taken.has(parent));
  if (above !== undefined) return `'${name}' cannot be a name: '${above}' is a value, and nothing lies under it.`;
  return null;
}

function parents(name: string): string[] {
  const result: string[] = [];
  for (let at = name.indexOf('/'); at >= 0; at = name.indexOf('/', at + 1)) result.push(name.slice(0, at));
  return result;
}

/** The paths of values that are no tensors and have nothing under them. */
function leaves(values: readonly ValueNode[]): Set<string> {
  const paths = new Set<string>();
  const stack = values.map((node) => ({ node, path: node.key }));
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { node, path } = next;
    if (!node.children) paths.add(path);
    for (const child of node.children ?? []) stack.push({ node: child, path: `${path}/${child.key}` });
  }
  return paths;
}
