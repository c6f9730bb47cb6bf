/**
 * The formats whose elements are taken in runs from a grid of points (core/ndarray/quantized/grids.ts),
 * one byte per coordinate; values as ggml/src/ggml-quants.c computes them.
 */
import { halfToFloat } from '../half';
import { half, put } from './write';

/** Seven signs; the eighth makes their number even. */
function evenSigns(seven: u32): u32 {
  return seven | ((popcnt<u32>(seven) & 1) << 7);
}

/** `count` elements from the point at `point`, negative where their bit of `signs` is set. */
function signed(dst: usize, point: usize, count: usize, signs: u32, scale: f32): void {
  for (let i: usize = 0; i < count; i++) {
    const value = scale * <f32>load<i8>(point + i);
    put(dst, i, (signs >> <u32>i) & 1 ? -value : value);
  }
}

/** `count` elements from a point of −1, 0 and 1, moved by `delta`. */
function shifted(dst: usize, point: usize, scale: f32, delta: f32): void {
  for (let i: usize = 0; i < 8; i++) put(dst, i, scale * (<f32>load<i8>(point + i) + delta));
}

export function dequantizeIQ2XXS(src: usize, dst: usize, blocks: usize, grid: usize): void {
  for (let b: usize = 0; b < blocks; b++, src += 66) {
    const d = half(src);
    for (let s: usize = 0; s < 8; s++) {
      const at = src + 2 + (s << 3);
      const word = load<u32>(at, 4);
      const db = d * (<f32>0.5 + <f32>(word >> 28)) * <f32>0.25;
      for (let l: usize = 0; l < 4; l++, dst += 64) {
        signed(dst, grid + ((<usize>load<u8>(at + l)) << 3), 8, evenSigns((word >> (7 * <u32>l)) & 127), db);
      }
    }
  }
}

export function dequantizeIQ2XS(src: usize, dst: usize, blocks: usize, grid: usize): void {
  for (let b: usize = 0; b < blocks; b++, src += 74) {
    const d = half(src);
    for (let k: usize = 0; k < 32; k++, dst += 64) {
      const scale = (<u32>load<u8>(src + (k >> 2), 66) >> (((<u32>k >> 1) & 1) << 2)) & 15;
      const db = d * (<f32>0.5 + <f32>scale) * <f32>0.25;
      const q = <u32>load<u16>(src + (k << 1), 2);
      signed(dst, grid + ((q & 511) << 3), 8, evenSigns(q >> 9), db);
    }
  }
}

export function dequantizeIQ2S(src: usize, dst: usize, blocks: usize, grid: usize): void {
  for (let b: usize = 0; b < blocks; b++, src += 82) {
    const d = half(src);
    for (let k: usize = 0; k < 32; k++, dst += 64) {
      const scale = (<u32>load<u8>(src + (k >> 2), 74) >> (((<u32>k >> 1) & 1) << 2)) & 15;
      const db = d * (<f32>0.5 + <f32>scale) * <f32>0.25;
      const high = (<u32>load<u8>(src + (k >> 2), 66) >> ((<u32>k & 3) << 1)) & 3;
      const point = <u32>load<u8>(src + k, 2) | (high << 8);
      signed(dst, grid + (point << 3), 8, load<u8>(src + k, 34), db);
    }
  }
}

export function dequantizeIQ3XXS(src: usize, dst: usize, blocks: usize, grid: usize): void {
  for (let b: usize = 0; b < blocks; b++, src += 98) {
    const d = half(src);
    for (let s: usize = 0; s < 8; s++) {
      const word = load<u32>(src + (s << 2), 66);
      const db = d * (<f32>0.5 + <f32>(word >> 28)) * <f32>0.5;
      for (let l: usize = 0; l < 4; l++, dst += 64) {
        const signs = evenSigns((word >> (7 * <u32>l)) & 127);
        const at = src + (s << 3) + (l << 1);
        signed(dst, grid + ((<usize>load<u8>(at, 2)) << 2), 4, signs, db);
        signed(dst + 32, grid + ((<usize>load<u8>(at, 3)) << 2), 4, signs >> 4, db);
      }
    }
  }
}

export function dequantizeIQ3S(src: usize, dst: usize, blocks: usize, grid: usize): void {
  for (let b: usize = 0; b < blocks; b++, src += 110) {
    const d = half(src);
    for (let k: usize = 0; k < 64; k++, dst += 32) {
      const scale = (<u32>load<u8>(src + (k >> 4), 106) >> (((<u32>k >> 3) & 1) << 2)) & 15;
      const high = (<u32>load<u8>(src + (k >> 3), 66) >> (<u32>k & 7)) & 1;
      const point = <u32>load<u8>(src + k, 2) | (high << 8);
      const signs = <u32>load<u8>(src + (k >> 1), 74) >> ((<u32>k & 1) << 2);
      signed(dst, grid + (point << 2), 4, signs, d * <f32>(scale * 2 + 1));
    }
  }
}

export function dequantizeIQ1S(src: usize, dst: usize, blocks: usize, grid: usize): void {
  for (let b: usize = 0; b < blocks; b++, src += 50) {
    const d = half(src);
    for (let k: usize = 0; k < 32; k++, dst += 64) {
      const head = <u32>load<u16>(src + ((k >> 2) << 1), 34);
      const dl = d * <f32>(((head >> 12) & 7) * 2 + 1);
      const delta: f32 = (head & 0x8000) != 0 ? -0.125 : 0.125;
      const point = <u32>load<u8>(src + k, 2) | (((head >> (3 * (<u32>k & 3))) & 7) << 8);
      shifted(dst, grid + (point << 3), dl, delta);
    }
  }
}

/** The scale of the whole block lies in the top bits of its four words of scales. */
function scaleIQ1M(at: usize): f32 {
  const bits =
    (<u32>load<u16>(at) >> 12) |
    ((<u32>load<u16>(at, 2) >> 8) & 0x00f0) |
    ((<u32>load<u16>(at, 4) >> 4) & 0x0f00) |
    (<u32>load<u16>(at, 6) & 0xf000);
  return halfToFloat(bits);
}

export function dequantizeIQ1M(src: usize, dst: usize, blocks: usize, grid: usize): void {
  for (let b: usize = 0; b < blocks; b++, src += 56) {
    const d = scaleIQ1M(src + 48);
    for (let k: usize = 0; k < 32; k++, dst += 64) {
      const scale = (<u32>load<u16>(src + ((k >> 3) << 1), 48) >> (3 * ((<u32>k >> 1) & 3))) & 7;
      const head = (<u32>load<u8>(src + (k >> 1), 32) >> ((<u32>k & 1) << 2)) & 15;
      const point = <u32>load<u8>(src + k) | ((head & 7) << 8);
      shifted(dst, grid + (point << 3), d * <f32>(scale * 2 + 1), (head & 8) != 0 ? -0.125 : 0.125);
    }
  }
}
