/** The formats of −1, 0 and 1; values as ggml/src/ggml-quants.c computes them. */
import { half, put } from './write';

/** Digit `place` (the most significant is 0) of a byte that holds five base-3 digits as a fraction of 256. */
function digit(byte: u32, place: u32): f32 {
  let shifted = byte;
  for (let k: u32 = 0; k < place; k++) shifted *= 3;
  return <f32>(<i32>(((shifted & 255) * 3) >> 8) - 1);
}

/** `places` digits of each of `bytes` bytes at `src`, place by place; returns where the next element goes. */
function digits(src: usize, dst: usize, bytes: usize, places: u32, d: f32): usize {
  for (let place: u32 = 0; place < places; place++) {
    for (let i: usize = 0; i < bytes; i++) put(dst, i, d * digit(load<u8>(src + i), place));
    dst += bytes << 3;
  }
  return dst;
}

export function dequantizeTQ1x0(src: usize, dst: usize, blocks: usize): void {
  for (let b: usize = 0; b < blocks; b++, src += 54) {
    const d = half(src + 52);
    dst = digits(src, dst, 32, 5, d);
    dst = digits(src + 32, dst, 16, 5, d);
    dst = digits(src + 48, dst, 4, 4, d);
  }
}

export function dequantizeTQ2x0(src: usize, dst: usize, blocks: usize): void {
  for (let b: usize = 0; b < blocks; b++, src += 66, dst += 2048) {
    const d = half(src + 64);
    for (let e: usize = 0; e < 256; e++) {
      const q = (<u32>load<u8>(src + ((e >> 7) << 5) + (e & 31)) >> (((<u32>e >> 5) & 3) << 1)) & 3;
      put(dst, e, d * <f32>(<i32>q - 1));
    }
  }
}
