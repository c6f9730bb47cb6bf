/** float16 bits to float32, exactly. */
export function halfToFloat(h: u32): f32 {
  const magnitude = (h & 0x7fff) << 13;
  // 2^112 moves the exponent from float16's bias to float32's, and makes denormals right as well.
  let value = reinterpret<f32>(magnitude) * reinterpret<f32>(0x77800000);
  if ((h & 0x7c00) == 0x7c00) value = (h & 0x3ff) != 0 ? f32.NaN : f32.POSITIVE_INFINITY;
  return reinterpret<f32>(reinterpret<u32>(value) | ((h & 0x8000) << 16));
}

/** float32 to float16 bits, to nearest, ties to even; what is too large becomes infinity, NaN a quiet NaN. */
export function floatToHalf(x: f32): u32 {
  const bits = reinterpret<u32>(x);
  const sign = (bits >> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return 0x7e00;
  // From halfway between the largest number and the next power of two on.
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude >= 0x38800000) {
    return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >> 13) & 1)) >> 13);
  }
  // One unit of a denormal becomes 1, exactly, so that `nearest` does the only rounding.
  return sign | <u32>nearest<f32>(reinterpret<f32>(magnitude) * reinterpret<f32>(0x4b800000));
}
