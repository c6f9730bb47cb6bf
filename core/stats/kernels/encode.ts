/** Float64 lanes to storage bytes, each with a single rounding to nearest, ties to even. */
import { toI32, toU32 } from './saturate';

export function encodeBool(src: usize, dst: usize, n: usize): void {
  for (let i: usize = 0; i < n; i++) store<u8>(dst + i, load<f64>(src + (i << 3)) != 0 ? 1 : 0);
}

/** Truncates towards zero and saturates; NaN gives 0. */
export function encodeI8(src: usize, dst: usize, n: usize): void {
  for (let i: usize = 0; i < n; i++) {
    store<i8>(dst + i, <i8>min<i32>(max<i32>(toI32(load<f64>(src + (i << 3))), -128), 127));
  }
}

export function encodeU8(src: usize, dst: usize, n: usize): void {
  for (let i: usize = 0; i < n; i++) {
    store<u8>(dst + i, <u8>min<u32>(toU32(load<f64>(src + (i << 3))), 255));
  }
}

export function encodeI16(src: usize, dst: usize, n: usize): void {
  for (let i: usize = 0; i < n; i++) {
    const value = toI32(load<f64>(src + (i << 3)));
    store<i16>(dst + (i << 1), <i16>min<i32>(max<i32>(value, -32768), 32767));
  }
}

export function encodeU16(src: usize, dst: usize, n: usize): void {
  for (let i: usize = 0; i < n; i++) {
    store<u16>(dst + (i << 1), <u16>min<u32>(toU32(load<f64>(src + (i << 3))), 65535));
  }
}

export function encodeI32(src: usize, dst: usize, n: usize): void {
  for (let i: usize = 0; i < n; i++) store<i32>(dst + (i << 2), toI32(load<f64>(src + (i << 3))));
}

export function encodeU32(src: usize, dst: usize, n: usize): void {
  for (let i: usize = 0; i < n; i++) store<u32>(dst + (i << 2), toU32(load<f64>(src + (i << 3))));
}

export function encodeF32(src: usize, dst: usize, n: usize): void {
  for (let i: usize = 0; i < n; i++) store<f32>(dst + (i << 2), <f32>load<f64>(src + (i << 3)));
}

function powerOfTwo(exponent: i32): f64 {
  return reinterpret<f64>((<u64>(1023 + exponent)) << 52);
}

/**
 * The code of |x| in a binary format of `mantissa` explicit bits whose least normal exponent is
 * `least`; codes above `top` overflow, those of infinities with them.
 */
function floatCode(magnitude: u64, mantissa: i32, least: i32, top: u32, overflow: u32): u32 {
  const lowest = (<u64>(1023 + least)) << 52;
  let code: u32;
  if (magnitude >= lowest) {
    // A carry out of the mantissa is a carry into the exponent, as it should be.
    const shift = <u64>(52 - mantissa);
    const half = ((<u64>1) << (shift - 1)) - 1 + ((magnitude >> shift) & 1);
    code = <u32>((magnitude - lowest + half) >> shift) + ((<u32>1) << mantissa);
  } else {
    // One unit of a denormal becomes 1, exactly, so that `nearest` does the only rounding.
    code = <u32>nearest<f64>(reinterpret<f64>(magnitude) * powerOfTwo(mantissa - least));
  }
  return code > top ? overflow : code;
}

/**
 * Formats of 16 bits and less. `overflow` is the code of what is too large and of infinity, `nan` that of NaN,
 * `sign` the sign bit; with `unsignedZero` (the "uz" of fnuz) there is no negative zero: that code is NaN.
 */
function smallFloat(
  x: f64,
  mantissa: i32,
  least: i32,
  top: u32,
  overflow: u32,
  nan: u32,
  sign: u32,
  unsignedZero: bool,
): u32 {
  const bits = reinterpret<u64>(x);
  const magnitude = bits & 0x7fffffffffffffff;
  if (magnitude > 0x7ff0000000000000) return nan;
  const code = floatCode(magnitude, mantissa, least, top, overflow);
  // Without a branch: the signs of weights are a coin's tosses.
  const signed = sign & (0 - <u32>(bits >> 63));
  return code | select<u32>(0, signed, unsignedZero && code == 0);
}

export function encodeSmall8(
  src: usize,
  dst: usize,
  n: usize,
  mantissa: i32,
  least: i32,
  top: u32,
  overflow: u32,
  nan: u32,
  sign: u32,
  unsignedZero: bool,
): void {
  for (let i: usize = 0; i < n; i++) {
    const x = load<f64>(src + (i << 3));
    store<u8>(dst + i, <u8>smallFloat(x, mantissa, least, top, overflow, nan, sign, unsignedZero));
  }
}

export function encodeSmall16(
  src: usize,
  dst: usize,
  n: usize,
  mantissa: i32,
  least: i32,
  top: u32,
  overflow: u32,
  nan: u32,
  sign: u32,
): void {
  for (let i: usize = 0; i < n; i++) {
    const x = load<f64>(src + (i << 3));
    store<u16>(dst + (i << 1), <u16>smallFloat(x, mantissa, least, top, overflow, nan, sign, false));
  }
}

/**
 * Powers of two from 2^-127 to 2^127, no sign and no zero, as in ml_dtypes: what is not positive
 * becomes NaN, what is too small the least, and halfway rounds up.
 */
export function encodeE8M0(src: usize, dst: usize, n: usize): void {
  for (let i: usize = 0; i < n; i++) {
    const x = load<f64>(src + (i << 3));
    let code: u32 = 255;
    if (x > 0) {
      const bits = reinterpret<u64>(x);
      const exponent = <i32>(bits >> 52) - 1023;
      const roundUp = <i32>((bits >> 51) & 1);
      code = exponent < -127 ? 0 : <u32>min<i32>(exponent + 127 + roundUp, 255);
    }
    store<u8>(dst + i, <u8>code);
  }
}

/** Integers of fewer than 8 bits to one byte each: saturated to `[low, high]`, the bits above `mask` cleared. */
export function encodeNarrow(src: usize, dst: usize, n: usize, low: i32, high: i32, mask: u32): void {
  for (let i: usize = 0; i < n; i++) {
    const value = min<i32>(max<i32>(toI32(load<f64>(src + (i << 3))), low), high);
    store<u8>(dst + i, <u8>(<u32>value & mask));
  }
}

/** The reverse of `unpack2`; the unused bits of the last byte are zero. */
export function pack2(src: usize, dst: usize, n: usize): void {
  memory.fill(dst, 0, (n + 3) >> 2);
  for (let i: usize = 0; i < n; i++) {
    const at = dst + (i >> 2);
    store<u8>(at, load<u8>(at) | (load<u8>(src + i) << (<u8>((i & 3) << 1))));
  }
}

/** The reverse of `unpack4`; the unused bits of a last odd byte are zero. */
export function pack4(src: usize, dst: usize, n: usize): void {
  for (let i: usize = 0; i < n; i += 2) {
    const high: u32 = i + 1 < n ? load<u8>(src + i, 1) : 0;
    store<u8>(dst + (i >> 1), <u8>(<u32>load<u8>(src + i) | (high << 4)));
  }
}

/** The reverse of `unpack6`; clears the bits behind the last element. */
export function pack6(src: usize, dst: usize, n: usize): void {
  memory.fill(dst, 0, (n * 6 + 7) >> 3);
  for (let i: usize = 0; i < n; i++) {
    const bit = i * 6;
    const at = dst + (bit >> 3);
    const word = (<u32>load<u8>(src + i)) << (<u32>(bit & 7));
    store<u8>(at, load<u8>(at) | <u8>word);
    if (word > 255) store<u8>(at, <u8>(word >> 8), 1);
  }
}
