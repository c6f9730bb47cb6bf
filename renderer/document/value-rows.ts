import type { OtherValue } from '../contract.ts';

/** One row of the tree: a value, or the place of those that were left out. */
export interface ValueRow {
  /** Positions from the root, joined: names the row among all. */
  readonly path: string;
  readonly depth: number;
  readonly value: OtherValue | null;
  /** How many were left out here, where there is no value. */
  readonly left: number;
  /** Position among its siblings and how many there are, for those who hear the tree. */
  readonly place: number;
  readonly siblings: number;
}

type Node = Pick<OtherValue, 'children' | 'left'>;

/** The rows that are in view while the values at `expanded` are open. */
export function valueRows(root: Node, expanded: ReadonlySet<string>): ValueRow[] {
  const rows: ValueRow[] = [];
  addRows(root, { path: '', depth: 1 }, { rows, expanded });
  return rows;
}

function addRows(
  { children, left }: Node,
  at: { readonly path: string; readonly depth: number },
  into: { readonly rows: ValueRow[]; readonly expanded: ReadonlySet<string> },
): void {
  const siblings = children.length + (left > 0 ? 1 : 0);
  for (const [i, value] of children.entries()) {
    const path = `${at.path}/${i}`;
    into.rows.push({ path, depth: at.depth, value, left: 0, place: i + 1, siblings });
    if (into.expanded.has(path)) addRows(value, { path, depth: at.depth + 1 }, into);
  }
  if (left === 0) return;
  into.rows.push({ path: `${at.path}/…`, depth: at.depth, value: null, left, place: siblings, siblings });
}

export function canExpand(row: ValueRow): boolean {
  return row.value !== null && (row.value.children.length > 0 || row.value.left > 0);
}

export type ValueTreeCommand =
  | { readonly kind: 'move'; readonly to: number }
  | { readonly kind: 'expand' | 'collapse'; readonly path: string };

/** What a key does in the tree, by the pattern for trees (WAI-ARIA); null where it does nothing. */
export function valueTreeCommand(
  key: string,
  {
    rows,
    active,
    expanded,
  }: { readonly rows: readonly ValueRow[]; readonly active: number; readonly expanded: ReadonlySet<string> },
): ValueTreeCommand | null {
  const row = rows[active];
  if (!row) return null;
  const isOpen = expanded.has(row.path);
  switch (key) {
    case 'ArrowDown':
      return moveTo(active + 1, rows);
    case 'ArrowUp':
      return moveTo(active - 1, rows);
    case 'Home':
      return moveTo(0, rows);
    case 'End':
      return moveTo(rows.length - 1, rows);
    case 'ArrowRight':
      if (!canExpand(row)) return null;
      return isOpen ? moveTo(active + 1, rows) : { kind: 'expand', path: row.path };
    case 'ArrowLeft':
      return isOpen ? { kind: 'collapse', path: row.path } : moveTo(parentOf(rows, active), rows);
    case 'Enter':
    case ' ':
      if (!canExpand(row)) return null;
      return { kind: isOpen ? 'collapse' : 'expand', path: row.path };
    default:
      return null;
  }
}

function moveTo(to: number, rows: readonly ValueRow[]): ValueTreeCommand | null {
  return to >= 0 && to < rows.length ? { kind: 'move', to } : null;
}

/** -1 at the top. */
function parentOf(rows: readonly ValueRow[], active: number): number {
  const depth = rows[active]?.depth ?? 1;
  for (let i = active - 1; i >= 0; i--) if ((rows[i]?.depth ?? 1) < depth) return i;
  return -1;
}
