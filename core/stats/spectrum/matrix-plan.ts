import type { Shape } from '../../ndarray/shape.ts';
import type { MatrixSlice } from '../engine.ts';
import { type MatrixAxis, matrixAxes } from '../matrix-slice.ts';

/** A matrix as it is read, line by line. Its transpose has the same singular values. */
export interface MatrixPlan {
  readonly first: number;
  /** From line to line: the axis of the larger stride, or one of a single element. */
  readonly outer: MatrixAxis;
  readonly inner: MatrixAxis;
  /** Whether lines are columns of the matrix. */
  readonly transposed: boolean;
}

/** Neighbouring lines of a matrix, or places in its lines: `[start, stop)`. */
export interface Span {
  readonly start: number;
  readonly stop: number;
}

/** @throws InvalidArgumentError where the slice is none of the tensor's. */
export function planMatrix(shape: Shape, slice: MatrixSlice): MatrixPlan {
  const { first, rows, columns } = matrixAxes(shape, slice);
  const single = rows.count === 1 || columns.count === 1;
  const transposed = single ? columns.count === 1 : columns.stride > rows.stride;
  return transposed
    ? { first, outer: columns, inner: rows, transposed }
    : { first, outer: rows, inner: columns, transposed };
}

/** The order of the square part: how many singular values there are. */
export function valuesOf({ outer, inner }: MatrixPlan): number {
  return Math.min(outer.count, inner.count);
}

/** Cuts `count` into spans of `size`; at positions that depend on the matrix alone, so that results do too. */
export function spans(count: number, size: number): Span[] {
  return Array.from({ length: Math.ceil(count / size) }, (_, k) => ({
    start: k * size,
    stop: Math.min((k + 1) * size, count),
  }));
}
