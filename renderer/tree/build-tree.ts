import { dtypeOf, type Listing } from '../api/listing.ts';

/** A row of the tree: a tensor, or a group of those whose names begin alike. */
export interface TreeNode {
  /** The tensor's full name, or the group's prefix without its last separator. */
  readonly path: string;
  /** Where, in the path, the part begins that the row shows: what is left of it names the group around. */
  readonly labelStart: number;
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
const NO_CHILDREN: readonly TreeNode[] = [];

/** A group while the tree grows. Its children are groups and, as numbers, positions of tensors; 200,000 of them must not cost much. */
interface Draft {
  /** Its part of the names, with the separator that ends it. */
  readonly segment: string;
  readonly path: string;
  /** Where the names of its children begin. */
  readonly offset: number;
  first: Draft | number | null;
  /** All children, the first one included, once there are two: most groups of most names hold one. */
  children: (Draft | number)[] | null;
  /** The child group that was entered last: names of one group mostly come in a row. */
  last: Draft | null;
  /** Child groups by segment, once there are two. */
  bySegment: Map<string, Draft> | null;
}

/**
 * Nests the tensors at `positions` by the dots and slashes in their names, in the order given. A
 * group with a single child is drawn as one row with it.
 */
export function buildTree(listing: Listing, positions: Iterable<number>): readonly TreeNode[] {
  const root = draft('', '', 0);
  for (const position of positions) place(root, listing.names[position] ?? '', position);
  return finishAll(root, listing);
}

function place(root: Draft, name: string, position: number): void {
  let parent = root;
  for (let depth = 1; depth < MAX_DEPTH; depth++) {
    const next = enter(parent, name);
    if (!next) break;
    parent = next;
  }
  add(parent, position);
}

function add(parent: Draft, child: Draft | number): void {
  if (parent.first === null) parent.first = child;
  else if (parent.children) parent.children.push(child);
  else parent.children = [parent.first, child];
}

/** The child group that `name` belongs to, made where it is new; null where the rest of the name is a label. */
function enter(parent: Draft, name: string): Draft | null {
  const { last, offset } = parent;
  if (last && name.length > last.offset && name.startsWith(last.segment, offset)) return last;
  const end = nextSeparator(name, offset);
  // A separator at the very end or two in a row would make rows without a label.
  if (end <= offset || end >= name.length - 1) return null;
  const segment = name.slice(offset, end + 1);
  const known = parent.bySegment?.get(segment);
  const group = known ?? draft(segment, name.slice(0, end), end + 1);
  if (!known) {
    add(parent, group);
    if (last) {
      parent.bySegment ??= new Map([[last.segment, last]]);
      parent.bySegment.set(segment, group);
    }
  }
  parent.last = group;
  return group;
}

function draft(segment: string, path: string, offset: number): Draft {
  return { segment, path, offset, first: null, children: null, last: null, bySegment: null };
}

function nextSeparator(name: string, from: number): number {
  for (let i = from; i < name.length; i++) {
    const code = name.charCodeAt(i);
    if (code === 0x2e || code === 0x2f) return i;
  }
  return -1;
}

function finishAll(parent: Draft, listing: Listing): readonly TreeNode[] {
  const children = parent.children ?? (parent.first === null ? [] : [parent.first]);
  return children.map((child) => finish(child, parent.offset, listing));
}

/** `labelStart` stays where a chain of single children begins: the chain is one row. */
function finish(child: Draft | number, labelStart: number, listing: Listing): TreeNode {
  if (typeof child === 'number') return tensorNode(child, labelStart, listing);
  if (!child.children && child.first !== null) return finish(child.first, labelStart, listing);
  return groupNode(child.path, labelStart, finishAll(child, listing));
}

function tensorNode(tensor: number, labelStart: number, listing: Listing): TreeNode {
  const path = listing.names[tensor] ?? '';
  const bytes = listing.bytes[tensor] ?? 0;
  return { path, labelStart, tensor, children: NO_CHILDREN, tensors: 1, bytes, dtype: dtypeOf(listing, tensor) };
}

function groupNode(path: string, labelStart: number, children: readonly TreeNode[]): TreeNode {
  let tensors = 0;
  let bytes = 0;
  let dtype: string | null = children[0]?.dtype ?? null;
  for (const child of children) {
    tensors += child.tensors;
    bytes += child.bytes;
    if (child.dtype !== dtype) dtype = null;
  }
  return { path, labelStart, tensor: -1, children, tensors, bytes, dtype };
}

/** What the row shows. */
export function labelOf({ path, labelStart }: TreeNode): string {
  return path.slice(labelStart) || '(no name)';
}
