import { type KeyboardEvent, type MouseEvent, useEffect, useId, useRef, useState } from 'react';
import type { Listing } from '../api/listing.ts';
import { visibleRange } from '../virtual/scaled-scroll.ts';
import { useVirtualScroll } from '../virtual/use-virtual-scroll.ts';
import type { TreeRow } from './flatten.ts';
import { TreeRowView } from './TreeRowView.tsx';
import { findTyped, type TreeCommand, treeCommand } from './tree-keys.ts';
import './tree.css';

const ROW_HEIGHT = 26;
const HEADER_HEIGHT = 28;
const TYPE_AHEAD_MS = 700;

export type TreeAction =
  | { readonly kind: 'select'; readonly from: number; readonly to: number; readonly mode: 'one' | 'range' | 'toggle' }
  | { readonly kind: 'select-all' }
  | { readonly kind: 'collapse' | 'expand'; readonly path: string }
  | { readonly kind: 'rename' | 'delete'; readonly row: number };

interface TensorTreeProps {
  readonly listing: Listing;
  readonly rows: readonly TreeRow[];
  readonly collapsed: ReadonlySet<string>;
  readonly selected: ReadonlySet<number>;
  readonly shown: number | null;
  readonly onAction: (action: TreeAction) => void;
}

export function TensorTree({ listing, rows, collapsed, selected, shown, onAction }: TensorTreeProps) {
  const [wanted, setActive] = useState(0);
  const active = Math.min(wanted, Math.max(0, rows.length - 1));
  const anchor = useRef(0);
  const typed = useTypeAhead();
  const id = useId();
  const scroll = useVirtualScroll({
    rows: { count: rows.length, size: ROW_HEIGHT },
    columns: { count: 0, size: 1 },
    headerHeight: HEADER_HEIGHT,
    headerWidth: 0,
  });
  const range = visibleRange(scroll.rows, scroll.offset.top);

  const moveTo = (row: number): void => {
    setActive(row);
    scroll.reveal(row, 0);
  };
  const select = (to: number, mode: 'one' | 'range' | 'toggle'): void => {
    if (mode !== 'range') anchor.current = to;
    onAction({ kind: 'select', from: anchor.current, to, mode });
  };
  const run = (command: TreeCommand): void => {
    switch (command.kind) {
      case 'move':
        moveTo(command.to);
        if (command.extend) select(command.to, 'range');
        return;
      case 'open':
        select(active, 'one');
        return;
      case 'toggle-selection':
        select(active, 'toggle');
        return;
      case 'type': {
        const found = findTyped(rows, active, typed(command.character));
        if (found >= 0) moveTo(found);
        return;
      }
      case 'rename':
      case 'delete':
        onAction({ kind: command.kind, row: active });
        return;
      default:
        onAction(command);
    }
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const page = Math.floor(scroll.rows.viewport / ROW_HEIGHT);
    const command = treeCommand(event, { rows, active, collapsed, page });
    if (!command) return;
    event.preventDefault();
    run(command);
  };
  const onClick = (event: MouseEvent): void => {
    const row = rowAt(event.target);
    const node = rows[row]?.node;
    if (!node) return;
    setActive(row);
    if (onTwisty(event.target)) toggle(node.path);
    else select(row, event.shiftKey ? 'range' : event.ctrlKey || event.metaKey ? 'toggle' : 'one');
  };
  const toggle = (path: string): void => onAction({ kind: collapsed.has(path) ? 'expand' : 'collapse', path });
  const onDoubleClick = (event: MouseEvent): void => {
    const node = rows[rowAt(event.target)]?.node;
    if (node && node.children.length > 0 && !onTwisty(event.target)) toggle(node.path);
  };
  useRevealShown({ listing, rows, shown, reveal: moveTo });

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
          style={{ height: scroll.client.height, width: scroll.client.width }}
          onKeyDown={onKeyDown}
          onClick={onClick}
          onDoubleClick={onDoubleClick}
        >
          <TreeHeader />
          <div role="rowgroup" className="tree-rows" style={{ transform: `translateY(${range.shift}px)` }}>
            {rows.slice(range.start, range.stop).map((row, i) => {
              const index = range.start + i;
              const { tensor } = row.node;
              const tensorId = tensor < 0 ? -1 : (listing.ids[tensor] ?? -1);
              return (
                <TreeRowView
                  key={index}
                  id={`${id}-${index}`}
                  index={index}
                  row={row}
                  listing={listing}
                  expanded={!collapsed.has(row.node.path)}
                  active={index === active}
                  selected={selected.has(tensorId)}
                />
              );
            })}
          </div>
        </div>
      </div>
    </div>
  );
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

function rowAt(target: EventTarget): number {
  const row = target instanceof Element ? target.closest<HTMLElement>('[data-row]') : null;
  return row ? Number(row.dataset.row) : -1;
}

function onTwisty(target: EventTarget): boolean {
  return target instanceof Element && target.closest('.twisty-open, .twisty-closed') !== null;
}

/** Collects what is typed in quick succession. */
function useTypeAhead(): (character: string) => string {
  const state = useRef({ text: '', at: 0 });
  return (character) => {
    const now = performance.now();
    const text = now - state.current.at < TYPE_AHEAD_MS ? state.current.text + character : character;
    state.current = { text, at: now };
    return text;
  };
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
