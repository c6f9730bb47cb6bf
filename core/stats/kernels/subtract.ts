/**
 * `a − b` into the lanes of `a`, as float64 (complex lanes as complex128). Equal infinities are no difference
 * apart; where either is NaN, so is the result. Differences of 64-bit integers are exact and rounded once.
 */

export function subtractF64(a: usize, b: usize, n: usize): void {
  const even = (n & ~1) << 3;
  for (let i: usize = 0; i < even; i += 16) {
    const x = v128.load(a + i);
    const y = v128.load(b + i);
    v128.store(a + i, v128.andnot(f64x2.sub(x, y), f64x2.eq(x, y)));
  }
  for (let i = even; i < n << 3; i += 8) store<f64>(a + i, difference(load<f64>(a + i), load<f64>(b + i)));
}

function difference(x: f64, y: f64): f64 {
  return x == y ? 0 : x - y;
}

export function subtractI64(a: usize, b: usize, n: usize): void {
  for (let i: usize = 0; i < n << 3; i += 8) {
    const x = load<i64>(a + i);
    const y = load<i64>(b + i);
    store<f64>(a + i, x >= y ? <f64>(<u64>x - <u64>y) : -(<f64>(<u64>y - <u64>x)));
  }
}

export function subtractU64(a: usize, b: usize, n: usize): void {
  for (let i: usize = 0; i < n << 3; i += 8) {
    const x = load<u64>(a + i);
    const y = load<u64>(b + i);
    store<f64>(a + i, x >= y ? <f64>(x - y) : -(<f64>(y - x)));
  }
}

/** Part by part. */
export function subtractC128(a: usize, b: usize, n: usize): void {
  subtractF64(a, b, 2 * n);
}
