/**
 * The formats of small blocks, to float64 lanes: the float32 values of ggml's reference
 * (ggml/src/ggml-quants.c, `dequantize_row_*`), operation by operation.
 */
import { half, nibble, put } from './write';

/** Doubled E2M1 values by code. */
const E2M1 = memory.data<i8>([0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12]);

/** The non-linear steps of IQ4. */
const IQ4 = memory.data<i8>([-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113]);

/** 128 signs and one scale. */
export function dequantizeQ1x0(src: usize, dst: usize, blocks: usize): void {
  for (let b: usize = 0; b < blocks; b++, src += 18, dst += 1024) {
    const d = half(src);
    for (let i: usize = 0; i < 128; i++) {
      const bit = (load<u8>(src + (i >> 3), 2) >> (<u8>i & 7)) & 1;
      put(dst, i, bit != 0 ? d : -d);
    }
  }
}

export function dequantizeQ4x0(src: usize, dst: usize, blocks: usize): void {
  for (let b: usize = 0; b < blocks; b++, src += 18, dst += 256) {
    const d = half(src);
    for (let i: usize = 0; i < 32; i++) put(dst, i, d * <f32>(<i32>nibble(src + 2, i) - 8));
  }
}

export function dequantizeQ4x1(src: usize, dst: usize, blocks: usize): void {
  for (let b: usize = 0; b < blocks; b++, src += 20, dst += 256) {
    const d = half(src);
    const m = half(src + 2);
    for (let i: usize = 0; i < 32; i++) put(dst, i, d * <f32>nibble(src + 4, i) + m);
  }
}

/** Four bits of element `i` at `at + 4`, the fifth in the word at `at`. */
function fiveBits(at: usize, i: usize): u32 {
  return nibble(at + 4, i) | (((load<u32>(at) >> <u32>i) & 1) << 4);
}

export function dequantizeQ5x0(src: usize, dst: usize, blocks: usize): void {
  for (let b: usize = 0; b < blocks; b++, src += 22, dst += 256) {
    const d = half(src);
    for (let i: usize = 0; i < 32; i++) put(dst, i, d * <f32>(<i32>fiveBits(src + 2, i) - 16));
  }
}

export function dequantizeQ5x1(src: usize, dst: usize, blocks: usize): void {
  for (let b: usize = 0; b < blocks; b++, src += 24, dst += 256) {
    const d = half(src);
    const m = half(src + 2);
    for (let i: usize = 0; i < 32; i++) put(dst, i, d * <f32>fiveBits(src + 4, i) + m);
  }
}

export function dequantizeQ8x0(src: usize, dst: usize, blocks: usize): void {
  for (let b: usize = 0; b < blocks; b++, src += 34, dst += 256) {
    const d = half(src);
    for (let i: usize = 0; i < 32; i++) put(dst, i, d * <f32>load<i8>(src + i, 2));
  }
}

/** The second half of the head is the sum of the block, which values do not need. */
export function dequantizeQ8x1(src: usize, dst: usize, blocks: usize): void {
  for (let b: usize = 0; b < blocks; b++, src += 36, dst += 256) {
    const d = half(src);
    for (let i: usize = 0; i < 32; i++) put(dst, i, d * <f32>load<i8>(src + i, 4));
  }
}

/** Half of 2^(e − 127), since the values of the table are doubled. */
function halfOfE8M0(e: u32): f32 {
  return reinterpret<f32>(e < 2 ? (<u32>0x00200000) << e : (e - 1) << 23);
}

export function dequantizeMXFP4(src: usize, dst: usize, blocks: usize): void {
  for (let b: usize = 0; b < blocks; b++, src += 17, dst += 256) {
    const d = halfOfE8M0(load<u8>(src));
    for (let i: usize = 0; i < 32; i++) put(dst, i, d * <f32>load<i8>(E2M1 + nibble(src + 1, i)));
  }
}

/** Half of an unsigned E4M3 number; its NaN counts as zero. */
function halfOfUE4M3(x: u32): f32 {
  if (x == 0 || x == 0x7f) return 0;
  const exponent = (x >> 3) & 15;
  const mantissa = x & 7;
  // 2^-10 is half of the least denormal, 2^-9.
  if (exponent == 0) return <f32>mantissa * reinterpret<f32>(0x3a800000);
  return reinterpret<f32>(((exponent + 119) << 23) | (mantissa << 20));
}

/** Four scales, then four times 8 bytes: 16 elements under each scale. */
export function dequantizeNVFP4(src: usize, dst: usize, blocks: usize): void {
  for (let b: usize = 0; b < blocks; b++, src += 36, dst += 512) {
    for (let s: usize = 0; s < 4; s++) {
      const d = halfOfUE4M3(load<u8>(src + s));
      const at = src + 4 + (s << 3);
      for (let i: usize = 0; i < 16; i++) {
        const code = (load<u8>(at + (i & 7)) >> ((<u8>(i >> 3)) << 2)) & 15;
        put(dst, (s << 4) + i, d * <f32>load<i8>(E2M1 + code));
      }
    }
  }
}

export function dequantizeIQ4NL(src: usize, dst: usize, blocks: usize): void {
  for (let b: usize = 0; b < blocks; b++, src += 18, dst += 256) {
    const d = half(src);
    for (let i: usize = 0; i < 32; i++) put(dst, i, d * <f32>load<i8>(IQ4 + nibble(src + 2, i)));
  }
}

/** Eight runs of 32 under one scale, each with 6 bits of its own. */
export function dequantizeIQ4XS(src: usize, dst: usize, blocks: usize): void {
  for (let b: usize = 0; b < blocks; b++, src += 136, dst += 2048) {
    const d = half(src);
    const high = <u32>load<u16>(src, 2);
    for (let s: usize = 0; s < 8; s++) {
      const low = (<u32>load<u8>(src + (s >> 1), 4) >> ((<u32>s & 1) << 2)) & 15;
      const scale = <i32>(low | (((high >> ((<u32>s) << 1)) & 3) << 4)) - 32;
      const dl = d * <f32>scale;
      const at = src + 8 + (s << 4);
      for (let i: usize = 0; i < 32; i++) put(dst, (s << 5) + i, dl * <f32>load<i8>(IQ4 + nibble(at, i)));
    }
  }
}
