import { halfToFloat } from '../half';

/** Stores element `i` of the lanes at `dst`: computed in float32, as ggml does, and widened. */
export function put(dst: usize, i: usize, value: f32): void {
  store<f64>(dst + (i << 3), <f64>value);
}

/** The float16 scale at `at`. */
export function half(at: usize): f32 {
  return halfToFloat(load<u16>(at));
}

/** Nibble `i` of 16 bytes whose low halves come first: elements 0 to 15, then 16 to 31. */
export function nibble(at: usize, i: usize): u32 {
  return (<u32>load<u8>(at + (i & 15)) >> ((<u32>i >> 4) << 2)) & 15;
}
