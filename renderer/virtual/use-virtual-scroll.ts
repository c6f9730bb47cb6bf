import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useElementSize } from '../ui/use-element-size.ts';
import {
  type Axis,
  clampOffset,
  extentOf,
  isScaled,
  offsetForScroll,
  offsetToReveal,
  scrollForOffset,
} from './scaled-scroll.ts';

export interface VirtualScrollOptions {
  readonly rows: Pick<Axis, 'count' | 'size'>;
  readonly columns: Pick<Axis, 'count' | 'size'>;
  /** Space that headers take from the viewport. */
  readonly headerHeight: number;
  readonly headerWidth: number;
}

interface Offset {
  readonly top: number;
  readonly left: number;
}

export interface VirtualScroll {
  readonly scrollerRef: RefObject<HTMLDivElement | null>;
  readonly rows: Axis;
  readonly columns: Axis;
  /** In pixels of the unscaled content. */
  readonly offset: Offset;
  /** Size of the element that makes the scroller scroll. */
  readonly extent: { readonly width: number; readonly height: number };
  readonly client: { readonly width: number; readonly height: number };
  readonly reveal: (row: number, column: number) => void;
}

/**
 * Two-axis virtual scrolling. The caller draws into a sticky layer of the viewport's size, so that
 * the compositor never scrolls content away before the page has drawn the next: no blank frames.
 */
export function useVirtualScroll(options: VirtualScrollOptions): VirtualScroll {
  const { headerHeight, headerWidth } = options;
  const scrollerRef = useRef<HTMLDivElement>(null);
  const client = useElementSize(scrollerRef);
  const rows: Axis = { ...options.rows, viewport: Math.max(0, client.height - headerHeight) };
  const columns: Axis = { ...options.columns, viewport: Math.max(0, client.width - headerWidth) };
  const [wanted, setOffset] = useState<Offset>({ top: 0, left: 0 });
  const offset = { top: clampOffset(rows, wanted.top), left: clampOffset(columns, wanted.left) };
  const latest = useRef({ rows, columns, offset });
  useLayoutEffect(() => {
    latest.current = { rows, columns, offset };
  });

  const moveTo = useCallback((next: Offset) => {
    const scroller = scrollerRef.current;
    const { rows, columns } = latest.current;
    const offset = { top: clampOffset(rows, next.top), left: clampOffset(columns, next.left) };
    latest.current = { ...latest.current, offset };
    setOffset(offset);
    scroller?.scrollTo(scrollForOffset(columns, offset.left), scrollForOffset(rows, offset.top));
  }, []);

  useEffect(() => {
    const scroller = scrollerRef.current;
    if (!scroller) return;
    const onScroll = (): void => {
      const { rows, columns, offset } = latest.current;
      const next = {
        top: followScroll(rows, offset.top, scroller.scrollTop),
        left: followScroll(columns, offset.left, scroller.scrollLeft),
      };
      if (next.top === offset.top && next.left === offset.left) return;
      latest.current = { ...latest.current, offset: next };
      setOffset(next);
    };
    // On a scaled axis a notch of the wheel would skip thousands of rows.
    const onWheel = (event: WheelEvent): void => {
      const { rows, columns, offset } = latest.current;
      if (event.ctrlKey || !(isScaled(rows) || isScaled(columns))) return;
      event.preventDefault();
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? rows.size : 1;
      const sideways = event.shiftKey && event.deltaX === 0;
      moveTo({
        top: offset.top + (sideways ? 0 : event.deltaY * unit),
        left: offset.left + (sideways ? event.deltaY : event.deltaX) * unit,
      });
    };
    scroller.addEventListener('scroll', onScroll, { passive: true });
    scroller.addEventListener('wheel', onWheel, { passive: false });
    return () => {
      scroller.removeEventListener('scroll', onScroll);
      scroller.removeEventListener('wheel', onWheel);
    };
  }, [moveTo]);

  const reveal = useCallback(
    (row: number, column: number) => {
      const { rows, columns, offset } = latest.current;
      moveTo({
        top: offsetToReveal(rows, offset.top, row),
        left: offsetToReveal(columns, offset.left, column),
      });
    },
    [moveTo],
  );

  const extent = { width: headerWidth + extentOf(columns), height: headerHeight + extentOf(rows) };
  return { scrollerRef, rows, columns, offset, extent, client, reveal };
}

/** The offset that a scroll event asks for; the one we have where the bar stands where we put it. */
function followScroll(axis: Axis, offset: number, scroll: number): number {
  return Math.abs(scroll - scrollForOffset(axis, offset)) < 1 ? offset : offsetForScroll(axis, scroll);
}
