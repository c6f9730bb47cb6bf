import type { CellText } from './cell-format.ts';
import type { CellPlace } from './cell-keys.ts';

/** A rectangle of cells, edges included. */
export interface CellArea {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** More would not survive most clipboards and spreadsheets. */
export const COPY_LIMIT = 65_536;

export function areaOf(a: CellPlace, b: CellPlace): CellArea {
  return {
    top: Math.min(a.row, b.row),
    bottom: Math.max(a.row, b.row),
    left: Math.min(a.column, b.column),
    right: Math.max(a.column, b.column),
  };
}

interface CellSource {
  at(row: number, column: number): CellText | null;
}

/** The cells of an area as tab-separated values, or why they cannot be had. */
export function copyText(area: CellArea, source: CellSource): { text: string } | { problem: string } {
  const { top, bottom, left, right } = area;
  const cells = (bottom - top + 1) * (right - left + 1);
  if (cells > COPY_LIMIT) {
    return { problem: `${cells} cells are too many for the clipboard: select at most ${COPY_LIMIT}.` };
  }
  const lines: string[] = [];
  for (let row = top; row <= bottom; row++) {
    const line: string[] = [];
    for (let column = left; column <= right; column++) {
      const value = source.at(row, column);
      if (!value) return { problem: 'Not all selected cells have been read yet: scroll over them, then copy again.' };
      line.push(value.text);
    }
    lines.push(line.join('\t'));
  }
  return { text: lines.join('\n') };
}
