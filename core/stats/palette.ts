import type { ColorMap } from './engine.ts';

type Rgb = readonly [red: number, green: number, blue: number];

/** Colours at equal distances from the low to the high end; between them sRGB is interpolated linearly. */
const STOPS: Record<ColorMap, readonly Rgb[]> = {
  /** Blue, white, red: both halves darken at the same rate. */
  diverging: [
    [10, 50, 104],
    [38, 104, 174],
    [108, 168, 212],
    [190, 219, 236],
    [247, 247, 246],
    [248, 205, 184],
    [228, 138, 110],
    [190, 60, 62],
    [104, 6, 34],
  ],
  /** Dark violet through teal to a pale yellow green, rising evenly in lightness. */
  sequential: [
    [52, 6, 76],
    [66, 46, 124],
    [54, 84, 140],
    [40, 120, 142],
    [34, 152, 136],
    [72, 184, 110],
    [140, 210, 84],
    [228, 238, 150],
  ],
  gray: [
    [0, 0, 0],
    [255, 255, 255],
  ],
};

/** What no map can show: NaN, +Infinity, -Infinity. */
export const SPECIAL_COLORS = {
  nan: [212, 0, 106],
  positiveInfinity: [255, 196, 0],
  negativeInfinity: [0, 229, 255],
} as const satisfies Record<string, Rgb>;

/** Colours for values, then those of NaN and the two infinities. */
export const PALETTE_ENTRIES = 259;

/** RGBA in memory order, as a little-endian uint32. */
function pack([red, green, blue]: Rgb): number {
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

function interpolate(stops: readonly Rgb[], position: number): Rgb {
  const scaled = position * (stops.length - 1);
  const index = Math.min(Math.floor(scaled), stops.length - 2);
  const weight = scaled - index;
  const mix = (channel: 0 | 1 | 2): number =>
    Math.round((stops[index]?.[channel] ?? 0) * (1 - weight) + (stops[index + 1]?.[channel] ?? 0) * weight);
  return [mix(0), mix(1), mix(2)];
}

/** 256 colours from low to high, then those of `SPECIAL_COLORS`, as the colour kernel wants them. */
export function paletteOf(map: ColorMap): Uint32Array {
  const palette = new Uint32Array(PALETTE_ENTRIES);
  for (let k = 0; k < 256; k++) palette[k] = pack(interpolate(STOPS[map], k / 255));
  palette[256] = pack(SPECIAL_COLORS.nan);
  palette[257] = pack(SPECIAL_COLORS.positiveInfinity);
  palette[258] = pack(SPECIAL_COLORS.negativeInfinity);
  return palette;
}
