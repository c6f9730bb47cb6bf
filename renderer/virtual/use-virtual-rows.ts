import { type VisibleRange, visibleRange } from './scaled-scroll.ts';
import { useVirtualScroll, type VirtualScroll } from './use-virtual-scroll.ts';

/** Of rows and header as row-grid.css has them, the header with its border. */
const ROW_HEIGHT = 26;
const HEADER_HEIGHT = 30;

/** Rows of which only those on screen are drawn. */
export interface VirtualRows {
  readonly count: number;
  /** Those on screen. */
  readonly range: VisibleRange;
  /** Rows that a page moves by: one of them stays on screen. */
  readonly page: number;
  readonly scroll: VirtualScroll;
  readonly reveal: (row: number) => void;
}

export function useVirtualRows(count: number): VirtualRows {
  const scroll = useVirtualScroll({
    rows: { count, size: ROW_HEIGHT },
    columns: { count: 0, size: 1 },
    headerHeight: HEADER_HEIGHT,
    headerWidth: 0,
  });
  return {
    count,
    range: visibleRange(scroll.rows, scroll.offset.top),
    page: Math.max(1, Math.floor(scroll.rows.viewport / ROW_HEIGHT) - 1),
    scroll,
    reveal: (row) => scroll.reveal(row, 0),
  };
}
