/** Householder reflections (Golub and Van Loan 2013, section 5.1) of matrices that lie row by row. */
import { addScaled, dot } from './columns';

/** `-sign(alpha) · √(alpha² + rest)`: what a reflection makes of a vector that begins with `alpha`. */
function reflected(alpha: f64, rest: f64): f64 {
  return alpha > 0 ? -Math.sqrt(alpha * alpha + rest) : Math.sqrt(alpha * alpha + rest);
}

/**
 * Reflects a row of `n` values and `rows` rows of a block below it so that their column `k` is zero in the block.
 * `stride` is of the block, in bytes; `work` has room for `rows + n` values. The block's column `k` is not written.
 */
export function eliminateColumn(
  top: usize,
  block: usize,
  stride: usize,
  rows: usize,
  n: usize,
  k: usize,
  work: usize,
): void {
  const at = k << 3;
  const alpha = load<f64>(top + at);
  let rest: f64 = 0;
  for (let i: usize = 0; i < rows; i++) {
    const x = load<f64>(block + i * stride + at);
    store<f64>(work + (i << 3), x);
    rest += x * x;
  }
  if (rest == 0) return;
  const beta = reflected(alpha, rest);
  const inverse = 1 / (alpha - beta);
  for (let i: usize = 0; i < rows; i++) store<f64>(work + (i << 3), load<f64>(work + (i << 3)) * inverse);
  store<f64>(top + at, beta);
  reflectRows(top, block, stride, rows, n, k + 1, work, (beta - alpha) / beta);
}

/** The columns from `from` on; the reflection's vector, without its leading 1, is at `work`. */
function reflectRows(
  top: usize,
  block: usize,
  stride: usize,
  rows: usize,
  n: usize,
  from: usize,
  work: usize,
  tau: f64,
): void {
  const count = n - from;
  const at = from << 3;
  const sums = work + (rows << 3);
  memory.copy(sums, top + at, count << 3);
  for (let i: usize = 0; i < rows; i++) addScaled(sums, block + i * stride + at, count, load<f64>(work + (i << 3)));
  addScaled(top + at, sums, count, -tau);
  for (let i: usize = 0; i < rows; i++) {
    addScaled(block + i * stride + at, sums, count, -tau * load<f64>(work + (i << 3)));
  }
}

/** Brings `rows` rows of a block into the upper triangle `r` of `n` rows: QR of one above the other. The block is used up. */
export function absorbRows(r: usize, n: usize, block: usize, stride: usize, rows: usize, work: usize): void {
  for (let k: usize = 0; k < n; k++) eliminateColumn(r + ((k * n) << 3), block, stride, rows, n, k, work);
}

/** As `absorbRows`, of another upper triangle of `n` rows: below its diagonal there is nothing to do. */
export function absorbTriangle(r: usize, n: usize, other: usize, work: usize): void {
  for (let k: usize = 0; k < n; k++) eliminateColumn(r + ((k * n) << 3), other, n << 3, k + 1, n, k, work);
}

/**
 * Step `k` of bringing the square matrix `a` of order `n` to upper bidiagonal form (Golub and Kahan 1965); writes
 * diagonal element `k` and the one beside it. `work` has room for `2 n` values.
 */
export function bidiagonalStep(a: usize, n: usize, k: usize, diagonal: usize, beside: usize, work: usize): void {
  const stride = n << 3;
  const row = a + k * stride;
  const below = n - k - 1;
  if (below > 0) eliminateColumn(row, row + stride, stride, below, n, k, work);
  store<f64>(diagonal + (k << 3), load<f64>(row + (k << 3)));
  store<f64>(beside + (k << 3), below > 0 ? eliminateRow(row, stride, below, k + 1) : 0);
}

/** Reflects the columns from `from` on so that the row at `row` is zero beyond it; returns what stands there then. */
function eliminateRow(row: usize, stride: usize, below: usize, from: usize): f64 {
  const at = row + (from << 3);
  const alpha = load<f64>(at);
  const rest = dot(at + 8, at + 8, below - 1);
  if (rest == 0) return alpha;
  const beta = reflected(alpha, rest);
  const inverse = 1 / (alpha - beta);
  for (let j: usize = 1; j < below; j++) store<f64>(at + (j << 3), load<f64>(at + (j << 3)) * inverse);
  store<f64>(at, 1);
  const tau = (beta - alpha) / beta;
  for (let i: usize = 1; i <= below; i++) {
    const other = at + i * stride;
    addScaled(other, at, below, -tau * dot(other, at, below));
  }
  return beta;
}
