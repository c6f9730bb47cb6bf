/** Shapes are lists of non-negative sizes in C order; `[]` is a scalar of one element. */

export type Shape = readonly number[];

/** The number of elements; 1 for a scalar, 0 where any size is 0. Exact up to 2^53. */
export function elementCount(shape: Shape): number {
  let count = 1;
  for (const size of shape) count *= size;
  return count;
}

/** C-order strides in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis] ?? 1;
  }
  return strides;
}

/** Where the element at `index` in C order is: one index per axis. */
export function coordinatesOf(index: number, shape: Shape): number[] {
  return stridesOf(shape).map((stride, axis) => Math.floor(index / stride) % (shape[axis] ?? 1));
}

/** `(2, 3)`, `(4,)`, `()`: as Python prints a tuple. */
export function formatShape(shape: Shape): string {
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
}
