import { useState } from 'react';

/** Which two axes of a tensor are laid out, and where the others stand. */
export interface SliceView {
  /** Null where the tensor has too few axes. */
  readonly rowAxis: number | null;
  readonly columnAxis: number | null;
  /** One index per axis; those of the two axes shown are not looked at. */
  readonly index: readonly number[];
}

/** The last two axes, at index 0 of the others; a vector stands upright or lies down. */
export function initialSlice(shape: readonly number[], vector: 'upright' | 'lying'): SliceView {
  const index = shape.map(() => 0);
  if (shape.length === 0) return { rowAxis: null, columnAxis: null, index };
  if (shape.length === 1) {
    return vector === 'upright' ? { rowAxis: 0, columnAxis: null, index } : { rowAxis: null, columnAxis: 0, index };
  }
  return { rowAxis: shape.length - 2, columnAxis: shape.length - 1, index };
}

/** The size of what is shown: an axis that is not there counts as one. */
export function extentOfSlice(
  shape: readonly number[],
  { rowAxis, columnAxis }: SliceView,
): { rows: number; columns: number } {
  const empty = shape.includes(0);
  const sizeOf = (axis: number | null): number => (empty ? 0 : axis === null ? 1 : (shape[axis] ?? 1));
  return { rows: sizeOf(rowAxis), columns: sizeOf(columnAxis) };
}

/** Puts `axis` on rows or columns; the one it displaces takes its place. */
export function withAxis(view: SliceView, role: 'rowAxis' | 'columnAxis', axis: number): SliceView {
  const other = role === 'rowAxis' ? 'columnAxis' : 'rowAxis';
  if (view[other] === axis) return { ...view, [other]: view[role], [role]: axis };
  return { ...view, [role]: axis };
}

export function withIndex(view: SliceView, axis: number, value: number): SliceView {
  return { ...view, index: view.index.with(axis, value) };
}

/** The full index, `2,0,17`, of the element at a row and column of the slice. */
export function elementIndex(view: SliceView, row: number, column: number): number[] {
  return view.index.map((fixed, axis) => (axis === view.rowAxis ? row : axis === view.columnAxis ? column : fixed));
}

/** The row and column of the slice at which the element with the full index `coordinates` is. */
export function placeOfElement(
  { rowAxis, columnAxis }: SliceView,
  coordinates: readonly number[],
): { row: number; column: number } {
  const along = (axis: number | null): number => (axis === null ? 0 : (coordinates[axis] ?? 0));
  return { row: along(rowAxis), column: along(columnAxis) };
}

/** The slice in words that cache keys and requests share. */
export function sliceKey(view: SliceView): string {
  const fixed = view.index.map((value, axis) => (axis === view.rowAxis ? 'r' : axis === view.columnAxis ? 'c' : value));
  return fixed.join(',');
}

export function useSliceView(
  shape: readonly number[],
  vector: 'upright' | 'lying',
): [SliceView, (view: SliceView) => void] {
  return useState(() => initialSlice(shape, vector));
}
