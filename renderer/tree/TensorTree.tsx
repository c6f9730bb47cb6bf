import { useEffect, useRef } from 'react';
import type { Listing } from '../api/listing.ts';
import { RowGrid } from '../virtual/RowGrid.tsx';
import { useVirtualRows } from '../virtual/use-virtual-rows.ts';
import type { TreeRow } from './flatten.ts';
import { TreeRowView } from './TreeRowView.tsx';
import { type TreeAction, useTreeFocus } from './use-tree-focus.ts';
import './tree.css';

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
  const virtual = useVirtualRows(rows.length);
  const { range, page, reveal } = virtual;
  const { active, moveTo, handlers } = useTreeFocus({ rows, collapsed, page, reveal, onAction });
  useRevealShown({ listing, rows, shown, reveal: moveTo });
  const visible = rows.slice(range.start, range.stop);
  useEffect(() => onVisible(visible));

  return (
    <RowGrid
      label="Tensors"
      columns={4}
      rows={virtual}
      active={active}
      aria-multiselectable="true"
      headerClass="tree-row"
      header={
        <>
          <span role="columnheader">Name</span>
          <span role="columnheader">Shape</span>
          <span role="columnheader">Type</span>
          <span role="columnheader" className="number">
            Size
          </span>
        </>
      }
      row={(index, id) => {
        const row = rows[index];
        return (
          row && (
            <TreeRowView
              key={index}
              document={document}
              id={id}
              index={index}
              row={row}
              listing={listing}
              expanded={!collapsed.has(row.node.path)}
              active={index === active}
              selected={selected.has(tensorIdOf(row, listing))}
            />
          )
        );
      }}
      {...handlers}
    />
  );
}

/** -1 for a group, which no selection holds. */
function tensorIdOf({ node }: TreeRow, listing: Listing): number {
  return node.tensor < 0 ? -1 : (listing.ids[node.tensor] ?? -1);
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
