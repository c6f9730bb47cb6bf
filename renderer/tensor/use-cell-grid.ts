import { useEffect, useRef, useState } from 'react';
import type { DType } from '../contract.ts';
import { type VisibleRange, visibleRange } from '../virtual/scaled-scroll.ts';
import { useVirtualScroll, type VirtualScroll } from '../virtual/use-virtual-scroll.ts';
import { cellWidth } from './cell-format.ts';
import type { CellPlace } from './cell-keys.ts';
import { areaOf, type CellArea } from './copy-cells.ts';

const ROW_HEIGHT = 24;
const HEADER_HEIGHT = 26;
const DIGIT_WIDTH = 8;
const NARROWEST_HEADER = 44;

export interface GridExtent {
  readonly rows: number;
  readonly columns: number;
}

/** Where the cells are: sizes in pixels, and which of them are in view. */
export interface CellGeometry {
  readonly cellWidth: number;
  readonly headerWidth: number;
  readonly rows: VisibleRange;
  readonly columns: VisibleRange;
  /** Cells that fit in the viewport. */
  readonly page: GridExtent;
  readonly scroll: VirtualScroll;
}

export function useCellGeometry(extent: GridExtent, dtype: DType): CellGeometry {
  const width = cellWidth(dtype);
  const headerWidth = Math.max(NARROWEST_HEADER, String(extent.rows - 1).length * DIGIT_WIDTH + 20);
  const scroll = useVirtualScroll({
    rows: { count: extent.rows, size: ROW_HEIGHT },
    columns: { count: extent.columns, size: width },
    headerHeight: HEADER_HEIGHT,
    headerWidth,
  });
  return {
    cellWidth: width,
    headerWidth,
    rows: visibleRange(scroll.rows, scroll.offset.top),
    columns: visibleRange(scroll.columns, scroll.offset.left),
    page: {
      rows: Math.floor(scroll.rows.viewport / ROW_HEIGHT),
      columns: Math.floor(scroll.columns.viewport / width),
    },
    scroll,
  };
}

export interface CellSelection {
  /** The cell that keys go to. */
  readonly at: CellPlace;
  readonly area: CellArea;
  moveTo(to: CellPlace, extend: boolean): void;
  selectAll(): void;
}

export function useCellSelection(extent: GridExtent, reveal: VirtualScroll['reveal']): CellSelection {
  const [at, setAt] = useState<CellPlace>({ row: 0, column: 0 });
  const [anchor, setAnchor] = useState<CellPlace>(at);
  return {
    at,
    area: areaOf(anchor, at),
    moveTo: (to, extend) => {
      setAt(to);
      if (!extend) setAnchor(to);
      reveal(to.row, to.column);
    },
    selectAll: () => {
      setAnchor({ row: 0, column: 0 });
      setAt({ row: extent.rows - 1, column: extent.columns - 1 });
    },
  };
}

/** Goes where "Go to" says, once for each time it says so. What is null while the grid has no size is gone to later. */
export function useGoal(goal: CellPlace | null, go: (place: CellPlace) => void): void {
  const done = useRef<CellPlace | null>(null);
  useEffect(() => {
    if (goal === null || goal === done.current) return;
    done.current = goal;
    go(goal);
  });
}
