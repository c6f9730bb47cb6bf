/**
 * One axis of a virtual grid. Browsers lay out at most about 33 million pixels, and a column of a
 * billion cells is a thousand times longer: beyond `MAX_EXTENT` the scroll bar moves over a
 * scaled-down extent, while the content still moves pixel by pixel under wheel and keys.
 */
export interface Axis {
  readonly count: number;
  /** Pixels of one item. */
  readonly size: number;
  /** Pixels that are visible at once. */
  readonly viewport: number;
}

export const MAX_EXTENT = 8_000_000;

/** The length of the scrolled content, as the browser sees it. */
export function extentOf({ count, size }: Pick<Axis, 'count' | 'size'>): number {
  return Math.min(count * size, MAX_EXTENT);
}

export function isScaled({ count, size }: Pick<Axis, 'count' | 'size'>): boolean {
  return count * size > MAX_EXTENT;
}

/** The offset, in pixels of the unscaled content, at which the last item ends at the viewport's edge. */
export function maxOffset({ count, size, viewport }: Axis): number {
  return Math.max(0, count * size - viewport);
}

export function clampOffset(axis: Axis, offset: number): number {
  return Math.min(Math.max(0, offset), maxOffset(axis));
}

/** Where the scroll bar must stand to show `offset`. */
export function scrollForOffset(axis: Axis, offset: number): number {
  if (!isScaled(axis)) return offset;
  return (offset / maxOffset(axis)) * (extentOf(axis) - axis.viewport);
}

/** What the scroll bar shows when it stands at `scroll`. */
export function offsetForScroll(axis: Axis, scroll: number): number {
  if (!isScaled(axis)) return clampOffset(axis, scroll);
  return clampOffset(axis, (scroll / (extentOf(axis) - axis.viewport)) * maxOffset(axis));
}

export interface VisibleRange {
  readonly start: number;
  /** Exclusive. */
  readonly stop: number;
  /** Pixels from the viewport's edge to the edge of item `start`: never positive. */
  readonly shift: number;
}

export function visibleRange(axis: Axis, offset: number): VisibleRange {
  const start = Math.min(Math.floor(offset / axis.size), Math.max(0, axis.count - 1));
  const stop = Math.min(axis.count, Math.ceil((offset + axis.viewport) / axis.size));
  return { start, stop: Math.max(start, stop), shift: start * axis.size - offset };
}

/** The items of a range, one by one. */
export function indices({ start, stop }: VisibleRange): number[] {
  return Array.from({ length: stop - start }, (_, i) => start + i);
}

/** The smallest move from `offset` that shows item `index` whole. */
export function offsetToReveal(axis: Axis, offset: number, index: number): number {
  const start = index * axis.size;
  if (start < offset) return clampOffset(axis, start);
  if (start + axis.size > offset + axis.viewport) return clampOffset(axis, start + axis.size - axis.viewport);
  return offset;
}
