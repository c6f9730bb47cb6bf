/** float16 bits to float32, exactly. */
export function halfToFloat(h: u32): f32 {
  const magnitude = (h & 0x7fff) << 13;
  // 2^112 moves the exponent from float16's bias to float32's, and makes denormals right as well.
  let value = reinterpret<f32>(magnitude) * reinterpret<f32>(0x77800000);
  if ((h & 0x7c00) == 0x7c00) value = (h & 0x3ff) != 0 ? f32.NaN : f32.POSITIVE_INFINITY;
  return reinterpret<f32>(reinterpret<u32>(value) | ((h & 0x8000) << 16));
}
