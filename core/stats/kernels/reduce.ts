/** From elements to pixels. A pixel gathers in a pair of float64 fields: its value so far and how many elements were no NaN. */
import { toI32 } from './saturate';

const PIXEL_BYTES: usize = 16;

/**
 * `lines` runs of `length` float64 lanes each, one after the other; pixel `k` takes the elements from
 * `bounds[2 k]` up to `bounds[2 k + 1]` (uint32) of every line.
 */
export function reduceMean(src: usize, lines: usize, length: usize, bounds: usize, pixels: usize, out: usize): void {
  for (let line: usize = 0; line < lines; line++) {
    const base = src + ((line * length) << 3);
    for (let k: usize = 0; k < pixels; k++) {
      const stop = <usize>load<u32>(bounds + (k << 3), 4);
      let sum: f64 = 0;
      let count: f64 = 0;
      for (let i = <usize>load<u32>(bounds + (k << 3)); i < stop; i++) {
        const x = load<f64>(base + (i << 3));
        if (x != x) continue;
        sum += x;
        count += 1;
      }
      const at = out + k * PIXEL_BYTES;
      store<f64>(at, load<f64>(at) + sum);
      store<f64>(at, load<f64>(at, 8) + count, 8);
    }
  }
}

export function reduceMaxAbs(src: usize, lines: usize, length: usize, bounds: usize, pixels: usize, out: usize): void {
  for (let line: usize = 0; line < lines; line++) {
    const base = src + ((line * length) << 3);
    for (let k: usize = 0; k < pixels; k++) {
      const at = out + k * PIXEL_BYTES;
      const stop = <usize>load<u32>(bounds + (k << 3), 4);
      let most = load<f64>(at);
      let seen = load<f64>(at, 8);
      for (let i = <usize>load<u32>(bounds + (k << 3)); i < stop; i++) {
        const size = abs(load<f64>(base + (i << 3)));
        if (size != size) continue;
        most = max(most, size);
        seen = 1;
      }
      store<f64>(at, most);
      store<f64>(at, seen, 8);
    }
  }
}

const FLOAT32_MAX: f64 = 3.4028234663852886e38;

/** Pixels to float32 values; a finite value stays finite. */
export function finishPixels(pixels: usize, n: usize, out: usize): void {
  for (let k: usize = 0; k < n; k++) {
    const count = load<f64>(pixels + k * PIXEL_BYTES, 8);
    let value = count == 0 ? NaN : load<f64>(pixels + k * PIXEL_BYTES) / count;
    if (abs(value) < Infinity) value = min(max(value, -FLOAT32_MAX), FLOAT32_MAX);
    store<f32>(out + (k << 2), <f32>value);
  }
}

/** Least and largest finite value, as two float64; (+Infinity, -Infinity) where there is none. */
export function extremes(src: usize, n: usize, out: usize): void {
  let low = f32.POSITIVE_INFINITY;
  let high = f32.NEGATIVE_INFINITY;
  for (let i: usize = 0; i < n; i++) {
    const x = load<f32>(src + (i << 2));
    if (!(abs(x) < f32.POSITIVE_INFINITY)) continue;
    low = min(low, x);
    high = max(high, x);
  }
  store<f64>(out, <f64>low);
  store<f64>(out, <f64>high, 8);
}

/** `palette`: 256 RGBA colours from low to high, then those of NaN, +Infinity and -Infinity. */
export function colorize(src: usize, n: usize, low: f64, high: f64, palette: usize, out: usize): void {
  const span = high - low;
  for (let i: usize = 0; i < n; i++) {
    const x = <f64>load<f32>(src + (i << 2));
    let index: i32 = 256;
    if (abs(x) == Infinity) index = x > 0 ? 257 : 258;
    else if (x == x) index = span > 0 ? toI32(min(max((x - low) / span, 0), 1) * 255 + 0.5) : 128;
    store<u32>(out + (i << 2), load<u32>(palette + ((<usize>index) << 2)));
  }
}
