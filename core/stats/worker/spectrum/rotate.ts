import type { RotateStep } from '../../spectrum/steps.ts';
import type { SpectrumWork } from './tiles.ts';

const MOST_SWEEPS = 40;
/** Cosines below are what rounding leaves of orthogonal columns. */
const TOLERANCE = 2 ** -50;
/** Columns that are so much shorter than the longest are rounding. */
const NEGLIGIBLE = 2 ** -104;

/**
 * Singular values of the coefficients by one-sided Jacobi rotations. Their left vectors also say how far each value is
 * from one of the whole matrix: `‖Aᵀu − σv‖ / √2`, the residual of the eigenpair `(u, v) / √2` of `[0 A; Aᵀ 0]`, where
 * `Av = σu` holds (Parlett 1998, theorem 4.5.1).
 */
export function rotate(work: SpectrumWork, step: RotateStep): void {
  const { f64, kernels } = work.algebra;
  const { order, scratch, coefficients } = step;
  // The piece may be done again: the coefficients stay.
  const columns = scratch + order * 8;
  f64.copyWithin(columns / 8, coefficients / 8, coefficients / 8 + order * order);
  const column = (j: number): number => columns + j * order * 8;
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
    let most = 0;
    for (let j = 0; j < order; j++) {
      const square = kernels.dot(column(j), column(j), order);
      f64[scratch / 8 + j] = square;
      most = Math.max(most, square);
    }
    let rotated = 0;
    for (let j = 0; j < order; j++) {
      rotated += kernels.rotateWithOthers(columns, j, order, order, scratch, TOLERANCE, most * NEGLIGIBLE);
      work.breathe();
    }
    if (rotated === 0) break;
  }
  for (let j = 0; j < order; j++) {
    const value = Math.sqrt(kernels.dot(column(j), column(j), order));
    f64[step.values / 8 + j] = value;
    f64[step.residuals / 8 + j] = value > 0 ? residual(f64, step, column(j + 1)) / value : 0;
  }
}

/** `‖outside · u‖ / √2` with the last elements of a left vector that ends at `end`. */
function residual(f64: Float64Array, { outside, width, stride }: RotateStep, end: number): number {
  const last = end / 8 - width;
  let sum = 0;
  for (let i = 0; i < width; i++) {
    let part = 0;
    for (let j = 0; j < width; j++) part += (f64[outside / 8 + j * stride + i] ?? 0) * (f64[last + j] ?? 0);
    sum += part * part;
  }
  return Math.sqrt(sum / 2);
}
