import { useEffect, useId, useRef } from 'react';
import type { Listing } from '../api/listing.ts';
import { visibleRange } from '../virtual/scaled-scroll.ts';
import { useVirtualScroll } from '../virtual/use-virtual-scroll.ts';
import type { TreeRow } from './flatten.ts';
import { TreeRowView } from './TreeRowView.tsx';
import { type TreeAction, useTreeFocus } from './use-tree-focus.ts';
import './tree.css';

const ROW_HEIGHT = 26;
const HEADER_HEIGHT = 28;

interface TensorTreeProps {
  readonly document: string;
  readonly listing: Listing;
  readonly rows: readonly TreeRow[];
  readonly collapsed: ReadonlySet<string>;
  readonly selected: ReadonlySet<number>;
  readonly shown: number | null;
  /** Told of the rows on screen whenever they are others. */
  readonly onVisible: (rows: readonly TreeRow[]) => void;
  readonly onAction: (action: TreeAction) => void;
}

export function TensorTree({
  document,
  listing,
  rows,
  collapsed,
  selected,
  shown,
  onVisible,
  onAction,
}: TensorTreeProps) {
  const id = useId();
  const scroll = useVirtualScroll({
    rows: { count: rows.length, size: ROW_HEIGHT },
    columns: { count: 0, size: 1 },
    headerHeight: HEADER_HEIGHT,
    headerWidth: 0,
  });
  const range = visibleRange(scroll.rows, scroll.offset.top);
  const page = Math.floor(scroll.rows.viewport / ROW_HEIGHT);
  const { active, moveTo, handlers } = useTreeFocus({ rows, collapsed, page, reveal: scroll.reveal, onAction });
  useRevealShown({ listing, rows, shown, reveal: moveTo });
  const visible = rows.slice(range.start, range.stop);
  useEffect(() => onVisible(visible));

  return (
    <div className="tree-scroller" ref={scroll.scrollerRef}>
      <div className="virtual-extent" style={{ height: scroll.extent.height }}>
        <div
          role="treegrid"
          aria-label="Tensors"
          aria-multiselectable="true"
          aria-rowcount={rows.length + 1}
          aria-colcount={4}
          aria-activedescendant={rows.length > 0 ? `${id}-${active}` : undefined}
          tabIndex={0}
          className="tree virtual-layer"
          style={scroll.client}
          {...handlers}
        >
          <TreeHeader />
          <div role="rowgroup" className="tree-rows" style={{ transform: `translateY(${range.shift}px)` }}>
            {visible.map((row, i) => {
              const index = range.start + i;
              return (
                <TreeRowView
                  key={index}
                  document={document}
                  id={`${id}-${index}`}
                  index={index}
                  row={row}
                  listing={listing}
                  expanded={!collapsed.has(row.node.path)}
                  active={index === active}
                  selected={selected.has(tensorIdOf(row, listing))}
                />
              );
            })}
          </div>
        </div>
      </div>
    </div>
  );
}

/** -1 for a group, which no selection holds. */
function tensorIdOf({ node }: TreeRow, listing: Listing): number {
  return node.tensor < 0 ? -1 : (listing.ids[node.tensor] ?? -1);
}

function TreeHeader() {
  return (
    <div role="rowgroup" className="tree-header">
      <div role="row" aria-rowindex={1} className="tree-row">
        <span role="columnheader">Name</span>
        <span role="columnheader">Shape</span>
        <span role="columnheader">Type</span>
        <span role="columnheader" className="number">
          Size
        </span>
      </div>
    </div>
  );
}

interface RevealShown {
  readonly listing: Listing;
  readonly rows: readonly TreeRow[];
  readonly shown: number | null;
  readonly reveal: (row: number) => void;
}

/** Follows a tensor that was shown from elsewhere, once per change of what is shown. */
function useRevealShown({ listing, rows, shown, reveal }: RevealShown): void {
  const last = useRef<number | null>(null);
  useEffect(() => {
    if (shown === last.current) return;
    last.current = shown;
    const at = rows.findIndex(({ node }) => node.tensor >= 0 && listing.ids[node.tensor] === shown);
    if (at >= 0) reveal(at);
  }, [listing, rows, shown, reveal]);
}
