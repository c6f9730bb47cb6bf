import { useDeferredValue, useEffect, useMemo, useState } from 'react';
import type { Listing } from '../api/listing.ts';
import type { TreeView } from '../store/tree-view.ts';
import { buildTree, type TreeNode } from './build-tree.ts';
import { matchesWords, plainWords, positionsOf } from './filter.ts';
import { flatten, type TreeRow } from './flatten.ts';
import { sorted } from './sort.ts';

export interface TreeRows {
  readonly rows: readonly TreeRow[];
  readonly roots: readonly TreeNode[];
  /** Tensors that meet the filter. */
  readonly matched: number;
}

/** More than a window shows: what is drawn of a new listing before the rest of its tree is built. */
const FIRST_TENSORS = 2_000;

/**
 * Filter, nest, sort and flatten, each only when its input changed; first rows and typing stay ahead of the work.
 * Words of names are looked for here, everything else is what the host `found`.
 */
export function useTreeRows(listing: Listing, view: TreeView, found: ReadonlySet<number> | null): TreeRows {
  const text = useDeferredValue(view.filter);
  const words = useMemo(() => plainWords(text), [text]);
  const byWords = words !== null && words.length > 0;
  const lowerNames = useMemo(
    () => (byWords ? listing.names.map((name) => name.toLowerCase()) : []),
    [listing, byWords],
  );
  const shown = useAfterPaint(listing) ? listing.count : Math.min(listing.count, FIRST_TENSORS);
  const matched = useMemo(() => {
    if (words === null) return found && positionsOf(listing.ids, found);
    return byWords ? matchesWords(lowerNames, words) : null;
  }, [listing, lowerNames, words, byWords, found]);
  const positions = useMemo(() => matched ?? Uint32Array.from({ length: shown }, (_, i) => i), [matched, shown]);
  const roots = useMemo(() => buildTree(listing, positions), [listing, positions]);
  const order = useMemo(() => rememberedOrder(listing, view.sort), [listing, view.sort]);
  const isFiltered = matched !== null;
  const rows = useMemo(
    () => flatten(roots, { collapsed: isFiltered ? NONE : view.collapsed, order }),
    [roots, view.collapsed, order, isFiltered],
  );
  return { rows, roots, matched: matched?.length ?? listing.count };
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
