/** One-sided Jacobi rotations (Hestenes 1958; Demmel and Veselić 1992). */
import { dot } from './columns';

/** `x, y = c x - s y, s x + c y`. */
function rotate(x: usize, y: usize, n: usize, c: f64, s: f64): void {
  const cs = f64x2.splat(c);
  const ss = f64x2.splat(s);
  let i: usize = 0;
  for (; i + 2 <= n; i += 2) {
    const at = i << 3;
    const u = v128.load(x + at);
    const v = v128.load(y + at);
    v128.store(x + at, f64x2.sub(f64x2.mul(cs, u), f64x2.mul(ss, v)));
    v128.store(y + at, f64x2.add(f64x2.mul(ss, u), f64x2.mul(cs, v)));
  }
  if (i < n) {
    const u = load<f64>(x + (i << 3));
    const v = load<f64>(y + (i << 3));
    store<f64>(x + (i << 3), c * u - s * v);
    store<f64>(y + (i << 3), s * u + c * v);
  }
}

/**
 * Rotates column `first` of the `count` columns of `n` values each, one after the other at `columns`, with each one behind
 * it until they are orthogonal; `squares` has their squared norms and is kept true. Pairs whose cosine is below
 * `tolerance`, and columns whose square is below `least`, are left alone. Returns how many pairs were rotated.
 */
export function rotateWithOthers(
  columns: usize,
  first: usize,
  count: usize,
  n: usize,
  squares: usize,
  tolerance: f64,
  least: f64,
): usize {
  let rotated: usize = 0;
  const bytes = n << 3;
  const x = columns + first * bytes;
  const own = squares + (first << 3);
  for (let j = first + 1; j < count; j++) {
    const y = columns + j * bytes;
    const a = load<f64>(own);
    const b = load<f64>(squares + (j << 3));
    if (a < least || b < least) continue;
    const g = dot(x, y, n);
    if (abs(g) <= tolerance * Math.sqrt(a * b)) continue;
    const zeta = (b - a) / (2 * g);
    const t = (zeta < 0 ? -1.0 : 1.0) / (abs(zeta) + Math.sqrt(1 + zeta * zeta));
    const c = 1 / Math.sqrt(1 + t * t);
    rotate(x, y, n, c, c * t);
    store<f64>(own, a - t * g);
    store<f64>(squares + (j << 3), b + t * g);
    rotated++;
  }
  return rotated;
}
