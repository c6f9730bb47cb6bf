/** Storage bytes to float64 lanes. Exact for every dtype here: each has at most 32 significant bits. */
import { halfToFloat } from './half';

export function decodeBool(src: usize, dst: usize, n: usize): void {
  for (let i: usize = 0; i < n; i++) store<f64>(dst + (i << 3), load<u8>(src + i) != 0 ? 1 : 0);
}

export function decodeI8(src: usize, dst: usize, n: usize): void {
  for (let i: usize = 0; i < n; i++) store<f64>(dst + (i << 3), <f64>load<i8>(src + i));
}

export function decodeU8(src: usize, dst: usize, n: usize): void {
  for (let i: usize = 0; i < n; i++) store<f64>(dst + (i << 3), <f64>load<u8>(src + i));
}

export function decodeI16(src: usize, dst: usize, n: usize): void {
  for (let i: usize = 0; i < n; i++) store<f64>(dst + (i << 3), <f64>load<i16>(src + (i << 1)));
}

export function decodeU16(src: usize, dst: usize, n: usize): void {
  for (let i: usize = 0; i < n; i++) store<f64>(dst + (i << 3), <f64>load<u16>(src + (i << 1)));
}

export function decodeI32(src: usize, dst: usize, n: usize): void {
  for (let i: usize = 0; i < n; i++) store<f64>(dst + (i << 3), <f64>load<i32>(src + (i << 2)));
}

export function decodeU32(src: usize, dst: usize, n: usize): void {
  for (let i: usize = 0; i < n; i++) store<f64>(dst + (i << 3), <f64>load<u32>(src + (i << 2)));
}

export function decodeF32(src: usize, dst: usize, n: usize): void {
  let i: usize = 0;
  for (; i + 2 <= n; i += 2) {
    v128.store(dst + (i << 3), f64x2.promote_low_f32x4(v128.load64_zero(src + (i << 2))));
  }
  if (i < n) store<f64>(dst + (i << 3), <f64>load<f32>(src + (i << 2)));
}

export function decodeBF16(src: usize, dst: usize, n: usize): void {
  for (let i: usize = 0; i < n; i++) {
    store<f64>(dst + (i << 3), <f64>reinterpret<f32>((<u32>load<u16>(src + (i << 1))) << 16));
  }
}

export function decodeF16(src: usize, dst: usize, n: usize): void {
  for (let i: usize = 0; i < n; i++) store<f64>(dst + (i << 3), <f64>halfToFloat(load<u16>(src + (i << 1))));
}

/** One byte per element, looked up in a table of 256 float64 values. */
export function decodeTable(src: usize, dst: usize, n: usize, table: usize): void {
  for (let i: usize = 0; i < n; i++) {
    store<u64>(dst + (i << 3), load<u64>(table + ((<usize>load<u8>(src + i)) << 3)));
  }
}

/** Two elements per byte, the first in the low bits; to one byte per element. */
export function unpack4(src: usize, dst: usize, n: usize): void {
  for (let i: usize = 0; i < n; i++) {
    const pair = load<u8>(src + (i >> 1));
    store<u8>(dst + i, (i & 1) != 0 ? pair >> 4 : pair & 15);
  }
}

/** Four elements per byte, the first in the low bits; to one byte per element. */
export function unpack2(src: usize, dst: usize, n: usize): void {
  for (let i: usize = 0; i < n; i++) {
    store<u8>(dst + i, (load<u8>(src + (i >> 2)) >> <u8>((i & 3) << 1)) & 3);
  }
}

/** Four elements in three bytes, little-endian bit order; to one byte per element. */
export function unpack6(src: usize, dst: usize, n: usize): void {
  for (let i: usize = 0; i < n; i++) {
    const bit = i * 6;
    const at = src + (bit >> 3);
    const shift = <u32>(bit & 7);
    // An element that fits in its byte must not read the next one: it may lie behind the tensor.
    const word = shift > 2 ? <u32>load<u8>(at) | ((<u32>load<u8>(at, 1)) << 8) : <u32>load<u8>(at);
    store<u8>(dst + i, <u8>((word >> shift) & 63));
  }
}
