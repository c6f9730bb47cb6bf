import { IS_NAN } from './arithmetic.ts';

/**
 * Elementary functions to a few units in the last place, whatever the driver's own are worth: WGSL allows
 * errors of 2^-11 of `exp` at 100 and of `log` near 1. Ranges are reduced as in Muller, "Elementary
 * Functions" (2016), chapter 11.
 */

/** Taylor's series around 0 after x = k ln 2 + r; ln 2 in two parts so that r is exact. */
export const EXPONENTIAL = `
fn powerOfTwo(k: i32) -> f32 { return bitcast<f32>(u32(k + 127) << 23u); }
fn exponential(x: f32) -> f32 {
  if (isNotNumber(x)) { return x; }
  if (x > 88.8) { return infinity(); }
  if (x < -104.0) { return 0.0; }
  let k: f32 = floor(x * 1.4426950408889634 + 0.5);
  let r: f32 = (x - k * 0.693145751953125) - k * 0.0000014286068203094172;
  let p: f32 = 1.0 + r * (1.0 + r * (0.5 + r * (0.16666666666666666 + r * (0.041666666666666664 + r * (0.008333333333333333 + r * (0.001388888888888889 + r * 0.0001984126984126984))))));
  let most: i32 = i32(k) / 2;
  return (p * powerOfTwo(most)) * powerOfTwo(i32(k) - most);
}`;

/** 2 atanh((m - 1) / (m + 1)) of the significand m around 1, and ln 2 times the exponent. */
export const LOGARITHM = `
fn logarithm(x: f32) -> f32 {
  if (isNotNumber(x)) { return x; }
  if (x < 0.0) { return quietNaN(); }
  if (x == 0.0) { return -infinity(); }
  if (x == infinity()) { return x; }
  let isSmall: bool = x < 1.1754943508222875e-38;
  let bits: u32 = bitcast<u32>(select(x, x * 8388608.0, isSmall));
  var exponent: i32 = i32(bits >> 23u) - 127 - select(0, 23, isSmall);
  var m: f32 = bitcast<f32>((bits & 0x7fffffu) | 0x3f800000u);
  if (m > 1.4142135) {
    m = m * 0.5;
    exponent = exponent + 1;
  }
  let s: f32 = (m - 1.0) / (m + 1.0);
  let z: f32 = s * s;
  let p: f32 = 2.0 * s * (1.0 + z * (0.3333333333333333 + z * (0.2 + z * (0.14285714285714285 + z * (0.1111111111111111 + z * 0.09090909090909091)))));
  let e: f32 = f32(exponent);
  return e * 0.693145751953125 + (p + e * 0.0000014286068203094172);
}`;

/** Lambert's continued fraction near 0. */
export const TANGENT = `
fn hyperbolicTangent(x: f32) -> f32 {
  if (isNotNumber(x)) { return x; }
  let a: f32 = abs(x);
  if (a < 0.6) {
    let z: f32 = x * x;
    return x / (1.0 + z / (3.0 + z / (5.0 + z / (7.0 + z / 9.0))));
  }
  let t: f32 = 1.0 - 2.0 / (exponential(2.0 * min(a, 20.0)) + 1.0);
  return select(t, -t, x < 0.0);
}`;

/** log(1 + exp(-|x|)) as 2 atanh(u / (2 + u)), which keeps what is small. */
export const SOFT_PLUS = `
fn softPlus(x: f32) -> f32 {
  if (isNotNumber(x)) { return x; }
  let u: f32 = exponential(-abs(x));
  let s: f32 = u / (2.0 + u);
  let z: f32 = s * s;
  var p: f32 = 0.058823529411764705;
  for (var i: i32 = 7; i >= 0; i = i - 1) { p = 1.0 / f32(2 * i + 1) + z * p; }
  return max(x, 0.0) + 2.0 * s * p;
}`;

/** As JavaScript's: NaN ** 0 is 1. Small whole exponents multiply. */
export const POWER = `
fn power(a: f32, b: f32) -> f32 {
  if (b == 0.0) { return 1.0; }
  if (isNotNumber(a) || isNotNumber(b)) { return quietNaN(); }
  let isWhole: bool = floor(b) == b;
  if (isWhole && abs(b) <= 64.0) {
    var result: f32 = 1.0;
    var factor: f32 = a;
    var rest: i32 = i32(abs(b));
    for (var i: i32 = 0; i < 7; i = i + 1) {
      if ((rest & 1) == 1) { result = result * factor; }
      rest = rest >> 1u;
      if (rest > 0) { factor = factor * factor; }
    }
    return select(result, 1.0 / result, b < 0.0);
  }
  if (a < 0.0 && !isWhole) { return quietNaN(); }
  let magnitude: f32 = exponential(b * logarithm(abs(a)));
  let isOdd: bool = isWhole && abs(b) < 16777216.0 && (i32(min(abs(b), 16777216.0)) & 1) == 1;
  return select(magnitude, -magnitude, a < 0.0 && isOdd);
}`;

/** All of them, in an order in which each finds what it calls. */
export const FUNCTIONS = [IS_NAN, EXPONENTIAL, LOGARITHM, TANGENT, SOFT_PLUS, POWER].join('\n');
