import type { KeyPress } from '../keyboard/key-press.ts';

export interface CellPlace {
  readonly row: number;
  readonly column: number;
}

/** What a key does in the grid of cells; pure, so that a table of cases can test it. */
export type CellCommand =
  | { readonly kind: 'move'; readonly to: CellPlace; readonly extend: boolean }
  | { readonly kind: 'select-all' }
  /** `text`: what the editor starts with; null for the cell's own value. */
  | { readonly kind: 'edit'; readonly text: string | null };

export interface CellKeyContext {
  readonly at: CellPlace;
  readonly rows: number;
  readonly columns: number;
  /** Cells that fit in the viewport. */
  readonly page: { readonly rows: number; readonly columns: number };
}

/** Characters that a number can begin with: typing one starts an edit. */
const BEGINS_VALUE = /^[-+.0-9nitf]$/i;

export function cellCommand(press: KeyPress, context: CellKeyContext): CellCommand | null {
  if (context.rows === 0 || context.columns === 0) return null;
  const jump = press.ctrlKey || press.metaKey;
  const target = targetOf(press, context);
  if (target) {
    const to = {
      row: Math.min(Math.max(0, target.row), context.rows - 1),
      column: Math.min(Math.max(0, target.column), context.columns - 1),
    };
    return { kind: 'move', to, extend: press.shiftKey };
  }
  if (jump) return press.key === 'a' ? { kind: 'select-all' } : null;
  if (press.altKey) return null;
  if (press.key === 'Enter' || press.key === 'F2') return { kind: 'edit', text: null };
  return BEGINS_VALUE.test(press.key) ? { kind: 'edit', text: press.key } : null;
}

function targetOf(press: KeyPress, { at, rows, columns, page }: CellKeyContext): CellPlace | null {
  const jump = press.ctrlKey || press.metaKey;
  const { row, column } = at;
  const pageRows = Math.max(1, page.rows - 1);
  const pageColumns = Math.max(1, page.columns - 1);
  switch (press.key) {
    case 'ArrowUp':
      return { row: jump ? 0 : row - 1, column };
    case 'ArrowDown':
      return { row: jump ? rows - 1 : row + 1, column };
    case 'ArrowLeft':
      return { row, column: jump ? 0 : column - 1 };
    case 'ArrowRight':
      return { row, column: jump ? columns - 1 : column + 1 };
    case 'PageUp':
      return press.altKey ? { row, column: column - pageColumns } : { row: row - pageRows, column };
    case 'PageDown':
      return press.altKey ? { row, column: column + pageColumns } : { row: row + pageRows, column };
    case 'Home':
      return { row: jump ? 0 : row, column: 0 };
    case 'End':
      return { row: jump ? rows - 1 : row, column: columns - 1 };
    default:
      return null;
  }
}

/** `12, 34`, `[12, 34]`, `-1 0`, or `12` for a row; a message where it leads nowhere. */
export function parsePlace(text: string, rows: number, columns: number): CellPlace | string {
  const parts = text
    .replace(/[[\]()]/g, ' ')
    .split(/[\s,;]+/)
    .filter((part) => part !== '');
  if (parts.length === 0 || parts.length > 2 || !parts.every((part) => /^[+-]?\d+$/.test(part))) {
    return 'Write a row and a column, as in 12, 34.';
  }
  const [row = 0, column = 0] = parts.map(Number);
  const place = { row: row < 0 ? row + rows : row, column: column < 0 ? column + columns : column };
  if (place.row < 0 || place.row >= rows) return `Row ${row} is outside 0 to ${rows - 1}.`;
  if (place.column < 0 || place.column >= columns) return `Column ${column} is outside 0 to ${columns - 1}.`;
  return place;
}
