import { InvalidArgumentError } from '../errors.ts';
import { formatShape, type Shape, stridesOf } from '../ndarray/shape.ts';
import type { MatrixSlice } from './engine.ts';

/** How one axis of the matrix lies in the tensor, in elements. */
export interface MatrixAxis {
  readonly count: number;
  readonly stride: number;
}

export interface MatrixAxes {
  /** The first element of the matrix. */
  readonly first: number;
  readonly rows: MatrixAxis;
  readonly columns: MatrixAxis;
}

function isIndexOf(value: number | undefined, size: number): boolean {
  return value !== undefined && Number.isInteger(value) && value >= 0 && value < size;
}

/** @throws InvalidArgumentError where the slice is none of the tensor's. */
export function matrixAxes(shape: Shape, { rowAxis, columnAxis, index }: MatrixSlice): MatrixAxes {
  const axes = [rowAxis, columnAxis].filter((axis) => axis !== null);
  const known = axes.every((axis) => isIndexOf(axis, shape.length)) && new Set(axes).size === axes.length;
  if (!known || axes.length !== Math.min(2, shape.length)) {
    throw new InvalidArgumentError(
      `${rowAxis} and ${columnAxis} are not the two axes of a matrix in ${formatShape(shape)}.`,
    );
  }
  const strides = stridesOf(shape);
  let first = 0;
  shape.forEach((size, axis) => {
    if (axes.includes(axis)) return;
    if (!isIndexOf(index[axis], size)) {
      throw new InvalidArgumentError(`Axis ${axis} of ${formatShape(shape)} has no index ${index[axis]}.`);
    }
    first += (index[axis] ?? 0) * (strides[axis] ?? 0);
  });
  const axisOf = (axis: number | null): MatrixAxis =>
    axis === null ? { count: 1, stride: 1 } : { count: shape[axis] ?? 0, stride: strides[axis] ?? 1 };
  return { first, rows: axisOf(rowAxis), columns: axisOf(columnAxis) };
}
