import { useDeferredValue, useEffect, useMemo, useState } from 'react';
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

/** More than a window shows: what is drawn of a new listing before the rest of its tree is built. */
const FIRST_TENSORS = 2_000;

/** Filter, nest, sort and flatten, each only when its input changed; first rows and typing stay ahead of the work. */
export function useTreeRows(listing: Listing, view: TreeView): TreeRows {
  const text = useDeferredValue(view.filter);
  const filter = useMemo(() => parseFilter(text), [text]);
  const filtered = filter.terms.length > 0;
  const lowerNames = useMemo(
    () => (filtered ? listing.names.map((name) => name.toLowerCase()) : []),
    [listing, filtered],
  );
  const shown = useAfterPaint(listing) ? listing.count : Math.min(listing.count, FIRST_TENSORS);
  const positions = useMemo(
    () => (filtered ? matches(listing, lowerNames, filter) : Uint32Array.from({ length: shown }, (_, i) => i)),
    [listing, lowerNames, filter, filtered, shown],
  );
  const roots = useMemo(() => buildTree(listing, positions), [listing, positions]);
  const order = useMemo(() => rememberedOrder(listing, view.sort), [listing, view.sort]);
  const rows = useMemo(
    () => flatten(roots, { collapsed: filtered ? NONE : view.collapsed, order }),
    [roots, view.collapsed, order, filtered],
  );
  return { rows, roots, matched: filtered ? positions.length : listing.count, problems: filter.problems };
}

/** False until a frame with the first rows was painted; edits of the listing later on do not shorten the tree again. */
function useAfterPaint({ count }: Listing): boolean {
  const [painted, setPainted] = useState(count > 0);
  useEffect(() => {
    if (count === 0) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const frame = requestAnimationFrame(() => {
      timer = setTimeout(() => setPainted(true));
    });
    return () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
  }, [count]);
  return painted;
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
