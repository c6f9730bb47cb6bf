/** What has to be known of a matrix before it is computed with. */

/** `2^k` for -1022 ≤ k ≤ 1023. */
function powerOfTwo(k: i32): f64 {
  return reinterpret<f64>((<u64>(k + 1023)) << 52);
}

/**
 * Of `n` float64 lanes, to five float64 at `out`: the largest magnitude of the finite ones; the exponent `e` of the power
 * of two just above it, within ±1022; the sum of their squares divided by `4^e`, which can neither overflow nor vanish;
 * how many are not finite; the first of those (`n` where there is none).
 */
export function survey(src: usize, n: usize, out: usize): void {
  let most: f64 = 0;
  let others: usize = 0;
  let first = n;
  for (let i: usize = 0; i < n; i++) {
    const size = abs(load<f64>(src + (i << 3)));
    if (size < Infinity) {
      most = max(most, size);
    } else {
      if (others == 0) first = i;
      others++;
    }
  }
  const exponent = max<i32>(-1022, min<i32>(1022, <i32>(reinterpret<u64>(most) >> 52) - 1022));
  store<f64>(out, most);
  store<f64>(out, <f64>exponent, 8);
  store<f64>(out, others == 0 ? scaledSquares(src, n, powerOfTwo(-exponent)) : 0, 16);
  store<f64>(out, <f64>others, 24);
  store<f64>(out, <f64>first, 32);
}

function scaledSquares(src: usize, n: usize, factor: f64): f64 {
  const by = f64x2.splat(factor);
  let s0 = f64x2.splat(0);
  let s1 = s0;
  let i: usize = 0;
  for (; i + 4 <= n; i += 4) {
    const x = f64x2.mul(by, v128.load(src + (i << 3)));
    const y = f64x2.mul(by, v128.load(src + (i << 3), 16));
    s0 = f64x2.add(s0, f64x2.mul(x, x));
    s1 = f64x2.add(s1, f64x2.mul(y, y));
  }
  const both = f64x2.add(s0, s1);
  let sum = f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
  for (; i < n; i++) {
    const x = factor * load<f64>(src + (i << 3));
    sum += x * x;
  }
  return sum;
}
