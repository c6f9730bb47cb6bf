/** The formats of 256 elements with scales in two levels; values as ggml/src/ggml-quants.c computes them. */
import { half, put } from './write';

/** Two bits of element `e`: four planes over each 32 bytes. */
function plane2(at: usize, e: usize): u32 {
  return (<u32>load<u8>(at + ((e >> 7) << 5) + (e & 31)) >> (((<u32>e >> 5) & 3) << 1)) & 3;
}

/** Four bits of element `e`: the low halves of 32 bytes, then their high halves. */
function plane4(at: usize, e: usize): u32 {
  return (<u32>load<u8>(at + ((e >> 6) << 5) + (e & 31)) >> (((<u32>e >> 5) & 1) << 2)) & 15;
}

/** One bit of element `e`: eight planes over 32 bytes. */
function plane1(at: usize, e: usize): u32 {
  return (<u32>load<u8>(at + (e & 31)) >> (<u32>e >> 5)) & 1;
}

export function dequantizeQ2K(src: usize, dst: usize, blocks: usize): void {
  for (let b: usize = 0; b < blocks; b++, src += 84, dst += 2048) {
    const d = half(src + 80);
    const dmin = half(src + 82);
    for (let s: usize = 0; s < 16; s++) {
      const scale = <u32>load<u8>(src + s);
      const dl = d * <f32>(scale & 15);
      const ml = dmin * <f32>(scale >> 4);
      for (let e: usize = s << 4; e < (s + 1) << 4; e++) put(dst, e, dl * <f32>plane2(src + 16, e) - ml);
    }
  }
}

/** Scale `s` of 16: 4 bits in the first 8 bytes, 2 bits in the last 4. */
function scaleQ3(at: usize, s: u32): i32 {
  const low = (<u32>load<u8>(at + (s & 7)) >> ((s >> 3) << 2)) & 15;
  const high = (<u32>load<u8>(at + (s & 3), 8) >> ((s >> 2) << 1)) & 3;
  return <i32>(low | (high << 4)) - 32;
}

export function dequantizeQ3K(src: usize, dst: usize, blocks: usize): void {
  for (let b: usize = 0; b < blocks; b++, src += 110, dst += 2048) {
    const d = half(src + 108);
    for (let s: usize = 0; s < 16; s++) {
      const dl = d * <f32>scaleQ3(src + 96, <u32>s);
      for (let e: usize = s << 4; e < (s + 1) << 4; e++) {
        // A clear bit of the mask takes 4 off.
        const q = <i32>plane2(src + 32, e) - (plane1(src, e) != 0 ? 0 : 4);
        put(dst, e, dl * <f32>q);
      }
    }
  }
}

/** The 6-bit scale `s` of 8 in the 12 bytes of Q4_K and Q5_K. */
function scaleQ4(at: usize, s: u32): u32 {
  if (s < 4) return load<u8>(at + s) & 63;
  return (load<u8>(at + s, 4) & 15) | ((<u32>load<u8>(at + s - 4) >> 6) << 4);
}

/** The 6-bit minimum beside it. */
function minimumQ4(at: usize, s: u32): u32 {
  if (s < 4) return load<u8>(at + s, 4) & 63;
  return (<u32>load<u8>(at + s, 4) >> 4) | ((<u32>load<u8>(at + s) >> 6) << 4);
}

export function dequantizeQ4K(src: usize, dst: usize, blocks: usize): void {
  for (let b: usize = 0; b < blocks; b++, src += 144, dst += 2048) {
    const d = half(src);
    const dmin = half(src + 2);
    for (let s: u32 = 0; s < 8; s++) {
      const dl = d * <f32>scaleQ4(src + 4, s);
      const ml = dmin * <f32>minimumQ4(src + 4, s);
      for (let e: usize = s << 5; e < (s + 1) << 5; e++) put(dst, e, dl * <f32>plane4(src + 16, e) - ml);
    }
  }
}

export function dequantizeQ5K(src: usize, dst: usize, blocks: usize): void {
  for (let b: usize = 0; b < blocks; b++, src += 176, dst += 2048) {
    const d = half(src);
    const dmin = half(src + 2);
    for (let s: u32 = 0; s < 8; s++) {
      const dl = d * <f32>scaleQ4(src + 4, s);
      const ml = dmin * <f32>minimumQ4(src + 4, s);
      for (let e: usize = s << 5; e < (s + 1) << 5; e++) {
        const q = plane4(src + 48, e) | (plane1(src + 16, e) << 4);
        put(dst, e, dl * <f32>q - ml);
      }
    }
  }
}

/** Four bits of element `e` of Q6_K: the low halves of 64 bytes, then their high halves. */
function low6(at: usize, e: usize): u32 {
  return (<u32>load<u8>(at + ((e >> 7) << 6) + (e & 63)) >> (((<u32>e >> 6) & 1) << 2)) & 15;
}

export function dequantizeQ6K(src: usize, dst: usize, blocks: usize): void {
  for (let b: usize = 0; b < blocks; b++, src += 210, dst += 2048) {
    const d = half(src + 208);
    for (let s: usize = 0; s < 16; s++) {
      const dl = d * <f32>load<i8>(src + s, 192);
      for (let e: usize = s << 4; e < (s + 1) << 4; e++) {
        const q = <i32>(low6(src, e) | (plane2(src + 128, e) << 4)) - 32;
        put(dst, e, dl * <f32>q);
      }
    }
  }
}

/** A float32 scale; the sums behind the elements are for dot products only. */
export function dequantizeQ8K(src: usize, dst: usize, blocks: usize): void {
  for (let b: usize = 0; b < blocks; b++, src += 292, dst += 2048) {
    const d = load<f32>(src);
    for (let e: usize = 0; e < 256; e++) put(dst, e, d * <f32>load<i8>(src + e, 4));
  }
}
