import type { ValueNode } from './checkpoint.ts';

/** What a `ValueNode` shows of a long text. */
export const MAX_TEXT = 4096;

/** Enough of a text's UTF-8 bytes for what is shown of it. */
export const MAX_TEXT_BYTES = 4 * MAX_TEXT;

export function clippedText(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}…` : text;
}

/** `1 item`, `3 items`. */
export function itemCount(count: number): string {
  return `${count} item${count === 1 ? '' : 's'}`;
}

export function mappingNode(key: string, children: readonly ValueNode[]): ValueNode {
  return { key, kind: 'mapping', text: itemCount(children.length), children };
}

/** JSON deeper than this shows no further. */
const MAX_DEPTH = 64;

/** What a page can show as a tree; the rest is counted. */
const MAX_NODES = 100_000;

/** A value of JSON as a tree to browse, cut where it grows beyond what anybody reads. */
export function jsonNode(key: string, value: unknown): ValueNode {
  let left = MAX_NODES;
  const build = (name: string, part: unknown, depth: number): ValueNode => {
    left--;
    if (part === null || part === undefined) return { key: name, kind: 'null', text: 'null' };
    if (typeof part === 'string') return { key: name, kind: 'string', text: clippedText(part) };
    if (typeof part === 'boolean') return { key: name, kind: 'boolean', text: String(part) };
    if (typeof part !== 'object') return { key: name, kind: 'number', text: String(part) };
    const members = Object.entries(part);
    const kind = Array.isArray(part) ? 'sequence' : 'mapping';
    const text = itemCount(members.length);
    if (depth >= MAX_DEPTH || members.length > left) return { key: name, kind, text };
    return { key: name, kind, text, children: members.map(([inner, member]) => build(inner, member, depth + 1)) };
  };
  return build(key, value, 0);
}

/** Whether objects and lists lie more than `depth` deep in a value of JSON: what walks through it all would take all of the stack. */
export function isNestedDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth === 0 || Object.values(value).some((member) => isNestedDeeper(member, depth - 1));
}
