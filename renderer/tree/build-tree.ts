import { dtypeOf, type Listing } from '../api/listing.ts';

/** A row of the tree: a tensor, or a group of those whose names begin alike. */
export interface TreeNode {
  /** What the row shows: the part of the name below its group. */
  readonly label: string;
  /** The tensor's full name, or the group's prefix without its last separator. */
  readonly path: string;
  /** Position in the listing; -1 for a group. */
  readonly tensor: number;
  /** Empty for a tensor. */
  readonly children: readonly TreeNode[];
  readonly tensors: number;
  readonly bytes: number;
  /** The one dtype of all tensors below, or null where they differ. */
  readonly dtype: string | null;
}

/** Deeper nesting stays in the label: names may hold thousands of dots. */
const MAX_DEPTH = 32;

interface Draft {
  readonly start: number;
  readonly segment: string;
  readonly path: string;
  readonly tensor: number;
  readonly groups: Map<string, Draft>;
  readonly children: Draft[];
}

const NO_GROUPS = new Map<string, Draft>();

/**
 * Nests the tensors at `positions` by the dots and slashes in their names, in the order given. A
 * group with a single child is drawn as one row with it.
 */
export function buildTree(listing: Listing, positions: Iterable<number>): readonly TreeNode[] {
  const root = group(0, '', '');
  for (const position of positions) place(root, listing.names[position] ?? '', position);
  return root.children.map((child) => finish(child, child.start, listing));
}

function place(root: Draft, name: string, position: number): void {
  let parent = root;
  let start = 0;
  for (let depth = 1; depth < MAX_DEPTH; depth++) {
    const end = nextSeparator(name, start);
    // A separator at the very end or two in a row would make rows without a label.
    if (end <= start || end >= name.length - 1) break;
    const segment = name.slice(start, end + 1);
    let next = parent.groups.get(segment);
    if (!next) {
      next = group(start, segment, name.slice(0, end));
      parent.groups.set(segment, next);
      parent.children.push(next);
    }
    parent = next;
    start = end + 1;
  }
  parent.children.push({
    start,
    segment: name.slice(start),
    path: name,
    tensor: position,
    groups: NO_GROUPS,
    children: [],
  });
}

function group(start: number, segment: string, path: string): Draft {
  return { start, segment, path, tensor: -1, groups: new Map(), children: [] };
}

function nextSeparator(name: string, from: number): number {
  for (let i = from; i < name.length; i++) {
    const code = name.charCodeAt(i);
    if (code === 0x2e || code === 0x2f) return i;
  }
  return -1;
}

/** `labelStart`: where the label begins in the path, left of the node's own segment after a chain of single children. */
function finish(draft: Draft, labelStart: number, listing: Listing): TreeNode {
  const only = draft.children[0];
  if (draft.tensor < 0 && draft.children.length === 1 && only) return finish(only, labelStart, listing);
  const label = draft.path.slice(labelStart);
  if (draft.tensor >= 0) {
    return {
      label: label === '' ? '(no name)' : label,
      path: draft.path,
      tensor: draft.tensor,
      children: [],
      tensors: 1,
      bytes: listing.bytes[draft.tensor] ?? 0,
      dtype: dtypeOf(listing, draft.tensor),
    };
  }
  const children = draft.children.map((child) => finish(child, child.start, listing));
  return { label, path: draft.path, tensor: -1, children, ...totalsOf(children) };
}

function totalsOf(children: readonly TreeNode[]): Pick<TreeNode, 'tensors' | 'bytes' | 'dtype'> {
  let tensors = 0;
  let bytes = 0;
  let dtype: string | null = children[0]?.dtype ?? null;
  for (const child of children) {
    tensors += child.tensors;
    bytes += child.bytes;
    if (child.dtype !== dtype) dtype = null;
  }
  return { tensors, bytes, dtype };
}
