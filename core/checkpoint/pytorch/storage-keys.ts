import { childrenOf } from '../pickle/shared-nodes.ts';
import { type PickleNode, PicklePersistent, type PickleValue } from '../pickle/values.ts';
import { itemsOf, textOf } from './python-values.ts';

/** The keys of all records that a pickle's value refers to. */
export function archiveKeys(root: PickleValue): ReadonlySet<string> {
  const keys = new Set<string>();
  const seen = new Set<PickleNode>();
  const open: PickleValue[] = [root];
  while (open.length > 0) {
    const value = open.pop();
    if (value === null || value === undefined || typeof value !== 'object' || seen.has(value)) continue;
    seen.add(value);
    if (value instanceof PicklePersistent) {
      const [kind, , key] = itemsOf(value.id) ?? [];
      const text = textOf(key) ?? (typeof key === 'number' ? String(key) : undefined);
      if (textOf(kind) === 'storage' && text !== undefined) keys.add(text);
    }
    for (const child of childrenOf(value)) open.push(child);
  }
  return keys;
}
