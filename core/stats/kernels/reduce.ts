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
      const start = <usize>load<u32>(bounds + (k << 3));
      const stop = <usize>load<u32>(bounds + (k << 3), 4);
      if (start < stop) addRun(base + (start << 3), stop - start, out + k * PIXEL_BYTES);
    }
  }
}

/** Adds the sum and the count of the elements that are no NaN to the pixel at `at`. */
function addRun(src: usize, n: usize, at: usize): void {
  let sum0 = f64x2.splat(0);
  let sum1 = sum0;
  let count = i64x2.splat(0);
  let i: usize = 0;
  for (; i + 4 <= n; i += 4) {
    const x = v128.load(src + (i << 3));
    const y = v128.load(src + (i << 3), 16);
    const xs = f64x2.eq(x, x);
    const ys = f64x2.eq(y, y);
    sum0 = f64x2.add(sum0, v128.and(x, xs));
    sum1 = f64x2.add(sum1, v128.and(y, ys));
    count = i64x2.sub(count, i64x2.add(xs, ys));
  }
  const both = f64x2.add(sum0, sum1);
  let sum = f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
  let seen = <f64>(i64x2.extract_lane(count, 0) + i64x2.extract_lane(count, 1));
  for (; i < n; i++) {
    const x = load<f64>(src + (i << 3));
    if (x != x) continue;
    sum += x;
    seen += 1;
  }
  store<f64>(at, load<f64>(at) + sum);
  store<f64>(at, load<f64>(at, 8) + seen, 8);
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
