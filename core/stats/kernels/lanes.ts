/** From one kind of lanes (float64, int64, uint64, complex128) to another, and arithmetic in lanes. */
import { toI64, toU64 } from './saturate';

export function i64ToF64(src: usize, dst: usize, n: usize): void {
  for (let i: usize = 0; i < n; i++) store<f64>(dst + (i << 3), <f64>load<i64>(src + (i << 3)));
}

export function u64ToF64(src: usize, dst: usize, n: usize): void {
  for (let i: usize = 0; i < n; i++) store<f64>(dst + (i << 3), <f64>load<u64>(src + (i << 3)));
}

/**
 * Rounds to odd: what does not fit in 53 bits leaves a sticky last bit, so that rounding on to a
 * narrower format gives what rounding from the integer itself would.
 */
function oddF64(magnitude: u64): f64 {
  const free = clz<u64>(magnitude);
  if (free >= 11) return <f64>magnitude;
  const spare = 11 - free;
  const kept = magnitude >> spare;
  const sticky: u64 = kept << spare != magnitude ? 1 : 0;
  return <f64>((kept | sticky) << spare);
}

export function i64ToF64Odd(src: usize, dst: usize, n: usize): void {
  for (let i: usize = 0; i < n; i++) {
    const value = load<i64>(src + (i << 3));
    store<f64>(dst + (i << 3), value < 0 ? -oddF64(0 - <u64>value) : oddF64(<u64>value));
  }
}

export function u64ToF64Odd(src: usize, dst: usize, n: usize): void {
  for (let i: usize = 0; i < n; i++) store<f64>(dst + (i << 3), oddF64(load<u64>(src + (i << 3))));
}

export function f64ToI64(src: usize, dst: usize, n: usize): void {
  for (let i: usize = 0; i < n; i++) store<i64>(dst + (i << 3), toI64(load<f64>(src + (i << 3))));
}

export function f64ToU64(src: usize, dst: usize, n: usize): void {
  for (let i: usize = 0; i < n; i++) store<u64>(dst + (i << 3), toU64(load<f64>(src + (i << 3))));
}

export function i64ToU64(src: usize, dst: usize, n: usize): void {
  for (let i: usize = 0; i < n; i++) store<i64>(dst + (i << 3), max<i64>(load<i64>(src + (i << 3)), 0));
}

export function u64ToI64(src: usize, dst: usize, n: usize): void {
  for (let i: usize = 0; i < n; i++) {
    store<u64>(dst + (i << 3), min<u64>(load<u64>(src + (i << 3)), 0x7fffffffffffffff));
  }
}

/** Backwards, so that it may run in place. */
export function realToComplex(src: usize, dst: usize, n: usize): void {
  for (let i = n; i > 0; ) {
    i--;
    const value = load<f64>(src + (i << 3));
    store<f64>(dst + (i << 4), value);
    store<f64>(dst + (i << 4), 0, 8);
  }
}

export function complexToReal(src: usize, dst: usize, n: usize): void {
  for (let i: usize = 0; i < n; i++) store<f64>(dst + (i << 3), load<f64>(src + (i << 4)));
}

/** 1 where either part is not zero: what a cast to bool asks. */
export function complexNonZero(src: usize, dst: usize, n: usize): void {
  for (let i: usize = 0; i < n; i++) {
    const at = src + (i << 4);
    store<f64>(dst + (i << 3), load<f64>(at) != 0 || load<f64>(at, 8) != 0 ? 1 : 0);
  }
}

/** `√(re² + im²)` without overflow on the way; infinite where either part is, as C's hypot. */
function modulus(re: f64, im: f64): f64 {
  const a = abs(re);
  const b = abs(im);
  if (a == Infinity || b == Infinity) return Infinity;
  const large = max(a, b);
  if (!(large > 0)) return large;
  const x = a / large;
  const y = b / large;
  return large * sqrt(x * x + y * y);
}

export function complexAbs(src: usize, dst: usize, n: usize): void {
  for (let i: usize = 0; i < n; i++) {
    const at = src + (i << 4);
    store<f64>(dst + (i << 3), modulus(load<f64>(at), load<f64>(at, 8)));
  }
}

export function scaleF64(ptr: usize, n: usize, factor: f64): void {
  for (let i: usize = 0; i < n; i++) store<f64>(ptr + (i << 3), load<f64>(ptr + (i << 3)) * factor);
}

/** For integer dtypes: the product rounds to nearest even before it is encoded. */
export function scaleRounded(ptr: usize, n: usize, factor: f64): void {
  for (let i: usize = 0; i < n; i++) store<f64>(ptr + (i << 3), nearest<f64>(load<f64>(ptr + (i << 3)) * factor));
}

/** |a| × |b|, at most `limit`. */
function saturatingProduct(a: u64, b: u64, limit: u64): u64 {
  if (a == 0 || b == 0) return 0;
  return a > limit / b ? limit : min<u64>(a * b, limit);
}

/** Exact product with the integer `sign · magnitude`, saturating. */
export function scaleI64(ptr: usize, n: usize, magnitude: u64, negative: bool): void {
  for (let i: usize = 0; i < n; i++) {
    const value = load<i64>(ptr + (i << 3));
    const minus = value < 0 != negative;
    const size = value < 0 ? 0 - <u64>value : <u64>value;
    const product = saturatingProduct(size, magnitude, minus ? 0x8000000000000000 : 0x7fffffffffffffff);
    store<u64>(ptr + (i << 3), minus ? 0 - product : product);
  }
}

export function scaleU64(ptr: usize, n: usize, magnitude: u64, negative: bool): void {
  for (let i: usize = 0; i < n; i++) {
    const value = load<u64>(ptr + (i << 3));
    store<u64>(ptr + (i << 3), negative ? 0 : saturatingProduct(value, magnitude, u64.MAX_VALUE));
  }
}
