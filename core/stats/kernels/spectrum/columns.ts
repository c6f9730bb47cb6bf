/** Float64 vectors that lie in one run. */

/** In four partial sums, always the same ones. */
export function dot(x: usize, y: usize, n: usize): f64 {
  let s0 = f64x2.splat(0);
  let s1 = s0;
  let i: usize = 0;
  for (; i + 4 <= n; i += 4) {
    const at = i << 3;
    s0 = f64x2.add(s0, f64x2.mul(v128.load(x + at), v128.load(y + at)));
    s1 = f64x2.add(s1, f64x2.mul(v128.load(x + at, 16), v128.load(y + at, 16)));
  }
  const both = f64x2.add(s0, s1);
  let sum = f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
  for (; i < n; i++) sum += load<f64>(x + (i << 3)) * load<f64>(y + (i << 3));
  return sum;
}

/** `y += factor · x`. */
export function addScaled(y: usize, x: usize, n: usize, factor: f64): void {
  const by = f64x2.splat(factor);
  let i: usize = 0;
  for (; i + 2 <= n; i += 2) {
    const at = i << 3;
    v128.store(y + at, f64x2.add(v128.load(y + at), f64x2.mul(by, v128.load(x + at))));
  }
  if (i < n) store<f64>(y + (i << 3), load<f64>(y + (i << 3)) + factor * load<f64>(x + (i << 3)));
}

export function scale(x: usize, n: usize, factor: f64): void {
  for (let i: usize = 0; i < n; i++) store<f64>(x + (i << 3), load<f64>(x + (i << 3)) * factor);
}

/** `rows` runs of `columns` values, `stride` bytes apart, to `columns` runs of `rows` values, `outStride` bytes apart. */
export function transpose(src: usize, stride: usize, rows: usize, columns: usize, out: usize, outStride: usize): void {
  for (let j: usize = 0; j < columns; j++) {
    for (let i: usize = 0; i < rows; i++) {
      store<f64>(out + j * outStride + (i << 3), load<f64>(src + i * stride + (j << 3)));
    }
  }
}
