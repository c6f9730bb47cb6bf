import { type DragEvent, type KeyboardEvent, type MouseEvent, useRef, useState } from 'react';
import { TENSORS_TYPE } from '../app/drop-place.ts';
import type { DragOutRequest } from '../contract.ts';
import { rowAt } from '../virtual/row-at.ts';
import type { TreeRow } from './flatten.ts';
import { findTyped, type TreeCommand, treeCommand } from './tree-keys.ts';

/** What the user asks of the tree's owner; rows by their index. */
export type TreeAction =
  | { readonly kind: 'select'; readonly from: number; readonly to: number; readonly mode: SelectMode }
  | { readonly kind: 'select-all' }
  | { readonly kind: 'collapse' | 'expand'; readonly path: string }
  | { readonly kind: 'rename' | 'delete' | 'copy'; readonly row: number }
  | { readonly kind: 'paste' }
  | { readonly kind: 'drag-out'; readonly row: number; readonly format: DragOutRequest['format'] };

type SelectMode = 'one' | 'range' | 'toggle';

interface TreeFocusOptions {
  readonly rows: readonly TreeRow[];
  readonly collapsed: ReadonlySet<string>;
  /** Rows that a page moves by. */
  readonly page: number;
  readonly reveal: (row: number) => void;
  readonly onAction: (action: TreeAction) => void;
}

const TYPE_AHEAD_MS = 700;

/** The row that keys go to, and what keyboard and mouse do with the tree. */
export function useTreeFocus({ rows, collapsed, page, reveal, onAction }: TreeFocusOptions) {
  const [wanted, setActive] = useState(0);
  const active = Math.min(wanted, Math.max(0, rows.length - 1));
  const anchor = useRef(0);
  const typed = useTypeAhead();
  const moveTo = (row: number): void => {
    setActive(row);
    reveal(row);
  };
  const select = (to: number, mode: SelectMode): void => {
    if (mode !== 'range') anchor.current = to;
    onAction({ kind: 'select', from: anchor.current, to, mode });
  };
  const toggle = (path: string): void => onAction({ kind: collapsed.has(path) ? 'expand' : 'collapse', path });
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
      case 'copy':
        onAction({ kind: command.kind, row: active });
        return;
      default:
        onAction(command);
    }
  };
  const handlers = {
    onKeyDown: (event: KeyboardEvent): void => {
      const command = treeCommand(event, { rows, active, collapsed, page });
      if (!command) return;
      event.preventDefault();
      run(command);
    },
    onClick: (event: MouseEvent): void => {
      const row = rowAt(event.target);
      const node = rows[row]?.node;
      if (!node) return;
      setActive(row);
      if (onTwisty(event.target)) toggle(node.path);
      else select(row, event.shiftKey ? 'range' : event.ctrlKey || event.metaKey ? 'toggle' : 'one');
    },
    onDoubleClick: (event: MouseEvent): void => {
      const node = rows[rowAt(event.target)]?.node;
      if (node && node.children.length > 0 && !onTwisty(event.target)) toggle(node.path);
    },
    onDragStart: (event: DragEvent): void => {
      const row = rowAt(event.target);
      // On the desktop a file takes the place of what a page drags by itself.
      if (window.parascope || !rows[row]) event.preventDefault();
      event.dataTransfer.setData(TENSORS_TYPE, '');
      event.dataTransfer.effectAllowed = 'copy';
      if (rows[row]) onAction({ kind: 'drag-out', row, format: event.shiftKey ? 'safetensors' : 'auto' });
    },
  };
  return { active, moveTo, handlers };
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
