import { useDeferredValue, useMemo } from 'react';
import type { Listing } from '../api/listing.ts';
import type { TreeView } from '../store/tree-view.ts';
import { buildTree, type TreeNode } from './build-tree.ts';
import { matches, parseFilter } from './filter.ts';
import { flatten, type TreeRow } from './flatten.ts';
import { sorted } from './sort.ts';

export interface TreeRows {
  readonly rows: readonly TreeRow[];
  readonly roots: readonly TreeNode[];
  /** Tensors that meet the filter. */
  readonly matched: number;
  readonly problems: readonly string[];
}

/** Filter, nest, sort and flatten, each only when its input changed; typing stays ahead of the work. */
export function useTreeRows(listing: Listing, view: TreeView): TreeRows {
  const text = useDeferredValue(view.filter);
  const filter = useMemo(() => parseFilter(text), [text]);
  const filtered = filter.terms.length > 0;
  const lowerNames = useMemo(
    () => (filtered ? listing.names.map((name) => name.toLowerCase()) : []),
    [listing, filtered],
  );
  const positions = useMemo(
    () => (filtered ? matches(listing, lowerNames, filter) : Uint32Array.from({ length: listing.count }, (_, i) => i)),
    [listing, lowerNames, filter, filtered],
  );
  const roots = useMemo(() => buildTree(listing, positions), [listing, positions]);
  const order = useMemo(() => rememberedOrder(listing, view.sort), [listing, view.sort]);
  const rows = useMemo(
    () => flatten(roots, { collapsed: filtered ? NONE : view.collapsed, order }),
    [roots, view.collapsed, order, filtered],
  );
  return { rows, roots, matched: positions.length, problems: filter.problems };
}

/** What a filter finds is shown, even inside closed groups. */
const NONE: ReadonlySet<string> = new Set();

function rememberedOrder(
  listing: Listing,
  sort: TreeView['sort'],
): (nodes: readonly TreeNode[]) => readonly TreeNode[] {
  const known = new WeakMap<readonly TreeNode[], readonly TreeNode[]>();
  return (nodes) => {
    const before = known.get(nodes);
    if (before) return before;
    const now = sorted(nodes, sort, listing);
    known.set(nodes, now);
    return now;
  };
}
