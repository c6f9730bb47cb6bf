import type { KeyPress } from '../keyboard/key-press.ts';
import { rowOfKey } from '../virtual/row-keys.ts';
import { labelOf } from './build-tree.ts';
import { parentRow, type TreeRow } from './flatten.ts';

/** What a key does in the tree; pure, so that a table of cases can test it. */
export type TreeCommand =
  | { readonly kind: 'move'; readonly to: number; readonly extend: boolean }
  | { readonly kind: 'open' }
  | { readonly kind: 'toggle-selection' }
  | { readonly kind: 'select-all' }
  | { readonly kind: 'collapse' | 'expand'; readonly path: string }
  | { readonly kind: 'rename' }
  | { readonly kind: 'delete' }
  | { readonly kind: 'copy' }
  | { readonly kind: 'paste' }
  | { readonly kind: 'type'; readonly character: string };

export interface TreeKeyContext {
  readonly rows: readonly TreeRow[];
  readonly active: number;
  readonly collapsed: ReadonlySet<string>;
  /** Rows that a page moves by. */
  readonly page: number;
}

export function treeCommand(press: KeyPress, context: TreeKeyContext): TreeCommand | null {
  if (context.rows.length === 0 || press.altKey) return null;
  const { rows, active, page } = context;
  const to = rowOfKey(press.key, { active, page, last: rows.length - 1 });
  if (to !== null) return { kind: 'move', to, extend: press.shiftKey };
  if (press.ctrlKey || press.metaKey) {
    if (press.key === 'a') return { kind: 'select-all' };
    if (press.key === 'c') return { kind: 'copy' };
    if (press.key === 'v') return { kind: 'paste' };
    return press.key === ' ' ? { kind: 'toggle-selection' } : null;
  }
  switch (press.key) {
    case 'Enter':
    case ' ':
      return { kind: 'open' };
    case 'ArrowLeft':
      return leftward(context);
    case 'ArrowRight':
      return rightward(context);
    case 'F2':
      return { kind: 'rename' };
    case 'Delete':
      return { kind: 'delete' };
    default:
      return press.key.length === 1 ? { kind: 'type', character: press.key } : null;
  }
}

function leftward({ rows, active, collapsed }: TreeKeyContext): TreeCommand | null {
  const node = rows[active]?.node;
  if (node && node.children.length > 0 && !collapsed.has(node.path)) return { kind: 'collapse', path: node.path };
  const parent = parentRow(rows, active);
  return parent < 0 ? null : { kind: 'move', to: parent, extend: false };
}

function rightward({ rows, active, collapsed }: TreeKeyContext): TreeCommand | null {
  const node = rows[active]?.node;
  if (!node || node.children.length === 0) return null;
  if (collapsed.has(node.path)) return { kind: 'expand', path: node.path };
  return { kind: 'move', to: active + 1, extend: false };
}

/** The next row, from the active one on and around, whose label begins with what was typed. */
export function findTyped(rows: readonly TreeRow[], active: number, typed: string): number {
  const wanted = typed.toLowerCase();
  const from = typed.length > 1 ? active : active + 1;
  for (let i = 0; i < rows.length; i++) {
    const at = (from + i) % rows.length;
    const node = rows[at]?.node;
    if (node && labelOf(node).toLowerCase().startsWith(wanted)) return at;
  }
  return -1;
}
