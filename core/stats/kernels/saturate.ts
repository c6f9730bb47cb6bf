/** Float to integer: towards zero, saturating, NaN gives 0 (asc emits trunc_sat for these casts). */

export function toI32(x: f64): i32 {
  return <i32>x;
}

export function toU32(x: f64): u32 {
  return <u32>x;
}

export function toI64(x: f64): i64 {
  return <i64>x;
}

export function toU64(x: f64): u64 {
  return <u64>x;
}
