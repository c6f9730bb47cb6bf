/** Singular values of an upper bidiagonal matrix, by bisection. */

/** A pivot is never smaller, so that no quotient overflows; far below what rounding leaves of any value. */
const LEAST_PIVOT: f64 = 1e-290;

function nextPivot(shift: v128, element: v128, pivot: v128): v128 {
  // Without squares, which would underflow first.
  const next = f64x2.sub(f64x2.neg(shift), f64x2.mul(element, f64x2.div(element, pivot)));
  const tiny = f64x2.lt(f64x2.abs(next), f64x2.splat(LEAST_PIVOT));
  return v128.bitselect(f64x2.splat(-LEAST_PIVOT), next, tiny);
}

/**
 * How many singular values lie below each of four positive `shifts`, to four float64 at `counts`. They are the upper half
 * of the eigenvalues of the tridiagonal matrix of order `2 n` with a diagonal of zeros and, beside it, the two diagonals
 * in turn (Golub and Kahan 1965); its negative pivots say how many lie below a shift (Sylvester's law of inertia).
 * `diagonal` and `beside` have `n` elements, the last one of `beside` is 0.
 */
export function countBelow(diagonal: usize, beside: usize, n: usize, shifts: usize, counts: usize): void {
  const s = v128.load(shifts);
  const t = v128.load(shifts, 16);
  let p = f64x2.neg(s);
  let q = f64x2.neg(t);
  const none = f64x2.splat(0);
  let below0 = f64x2.lt(p, none);
  let below1 = f64x2.lt(q, none);
  for (let i: usize = 0; i < n; i++) {
    const d = v128.load64_splat(diagonal + (i << 3));
    p = nextPivot(s, d, p);
    q = nextPivot(t, d, q);
    below0 = i64x2.add(below0, f64x2.lt(p, none));
    below1 = i64x2.add(below1, f64x2.lt(q, none));
    if (i + 1 == n) break;
    const e = v128.load64_splat(beside + (i << 3));
    p = nextPivot(s, e, p);
    q = nextPivot(t, e, q);
    below0 = i64x2.add(below0, f64x2.lt(p, none));
    below1 = i64x2.add(below1, f64x2.lt(q, none));
  }
  // A true comparison is -1; half of the eigenvalues are negative.
  const half = <i64>n;
  store<f64>(counts, <f64>(-i64x2.extract_lane(below0, 0) - half));
  store<f64>(counts, <f64>(-i64x2.extract_lane(below0, 1) - half), 8);
  store<f64>(counts, <f64>(-i64x2.extract_lane(below1, 0) - half), 16);
  store<f64>(counts, <f64>(-i64x2.extract_lane(below1, 1) - half), 24);
}
