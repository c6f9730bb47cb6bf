import type { NDArray } from '../../device/nd-array.ts';
import type { Shape } from '../../ndarray/shape.ts';
import { applyOperator } from '../apply.ts';

/** Steps that several gradients share. */

/** Sums `gradient` over the axes along which an array of `shape` was broadcast. */
export function sumTo(gradient: NDArray, shape: Shape): NDArray {
  if (isShape(gradient.shape, shape)) return gradient;
  const skipped = gradient.shape.length - shape.length;
  const axes = gradient.shape.flatMap((size, axis) =>
    axis < skipped || (shape[axis - skipped] === 1 && size !== 1) ? [axis] : [],
  );
  return gradient.sum({ axis: axes, keepDims: true }).reshape(shape);
}

/** `gradient` where the bool `mask` is true, zeros elsewhere, even where it is infinite or NaN. */
export function masked(mask: NDArray, gradient: NDArray): NDArray {
  return mask.where(gradient, applyOperator('zeros_like', [gradient]));
}

export function isShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}
