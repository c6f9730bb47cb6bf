import { expect, test } from 'vitest';
import { COLOR_MAPS } from '../../../core/stats/engine.ts';
import { SPECIAL_COLORS as PAINTED, paletteOf } from '../../../core/stats/palette.ts';
import * as contract from '../../../renderer/contract.ts';
import { COLOR_STOPS, SPECIAL_COLORS } from '../../../renderer/tensor/color-stops.ts';

test('the contract between pages and core has types only: nothing of it is there at run time', () => {
  expect(Object.keys(contract)).toEqual([]);
});

test.each(COLOR_MAPS)('the legend of the colour map "%s" shows the colours that the host paints', (map) => {
  const palette = paletteOf(map);
  const stops = COLOR_STOPS[map];
  stops.forEach((stop, i) => {
    const position = (i / (stops.length - 1)) * 255;
    const packed = palette[Math.round(position)]!;
    const painted = [packed & 255, (packed >> 8) & 255, (packed >> 16) & 255];
    const shown = [1, 3, 5].map((at) => Number.parseInt(stop.slice(at, at + 2), 16));
    const nearness = Math.max(...painted.map((channel, c) => Math.abs(channel - shown[c]!)));
    // Between two of its 256 colours the palette rounds.
    expect(nearness).toBeLessThanOrEqual(4);
  });
});

test('the legend of values that are not finite shows the colours that the host paints', () => {
  const { nan, positiveInfinity, negativeInfinity } = PAINTED;
  const painted = [nan, positiveInfinity, negativeInfinity].map((color) => `#${Buffer.from(color).toString('hex')}`);
  expect(SPECIAL_COLORS.map(({ color }) => color)).toEqual(painted);
});
