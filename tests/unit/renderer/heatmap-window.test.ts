import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  displaySize,
  formatSpan,
  indicesUnder,
  panned,
  wholeMatrix,
  windowAfterKey,
  zoomed,
} from '../../../renderer/tensor/heatmap-window.ts';

const size = { rows: 150_000, columns: 8192 };

test('zooming in and out keeps the point under the pointer, within the matrix', () => {
  const whole = wholeMatrix(size);
  const half = zoomed(whole, size, { factor: 0.5, about: { x: 0, y: 1 } });
  expect(half).toEqual({ rows: [75_000, 150_000], columns: [0, 4096] });
  expect(zoomed(half, size, { factor: 2, about: { x: 0.5, y: 0.5 } })).toEqual(whole);
});

test('no zoom or move leaves the matrix or shows nothing', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const sizes = fc.record({ rows: fc.integer({ min: 1, max: 2 ** 33 }), columns: fc.integer({ min: 1, max: 5 }) });
  const step = fc.record({ factor: fc.double({ min: 0.01, max: 8, noNaN: true }), x: share, y: share });
  fc.assert(
    fc.property(sizes, fc.array(step, { maxLength: 12 }), (matrix, steps) => {
      let window = wholeMatrix(matrix);
      for (const { factor, x, y } of steps) {
        window = panned(zoomed(window, matrix, { factor, about: { x, y } }), matrix, { x: x - 0.5, y: 0.5 - y });
        for (const [span, length] of [
          [window.rows, matrix.rows],
          [window.columns, matrix.columns],
        ] as const) {
          expect(span[0]).toBeGreaterThanOrEqual(0);
          expect(span[1]).toBeLessThanOrEqual(length);
          expect(span[1]).toBeGreaterThan(span[0]);
        }
      }
    }),
  );
});

test('small matrices have square cells, large ones fill the room, thin ones stay visible', () => {
  const room = { width: 600, height: 400 };
  expect(displaySize({ rows: 4, columns: 4 }, room)).toEqual({ width: 160, height: 160 });
  expect(displaySize({ rows: 64, columns: 64 }, room)).toEqual({ width: 400, height: 400 });
  expect(displaySize(size, room)).toEqual(room);
  expect(displaySize({ rows: 1, columns: 5000 }, room)).toEqual({ width: 600, height: 40 });
  expect(displaySize({ rows: 1, columns: 1 }, { width: 0.5, height: 0.5 })).toEqual({ width: 1, height: 1 });
});

test('every element lies under exactly one pixel', () => {
  const spans = Array.from({ length: 7 }, (_, pixel) => indicesUnder(pixel, 7, [100, 123]));
  expect(spans[0]?.[0]).toBe(100);
  expect(spans.at(-1)?.[1]).toBe(123);
  expect(spans.every((span, i) => i === 0 || span[0] === spans[i - 1]![1])).toBe(true);
});

test('spans are written as the indices they hold', () => {
  expect(formatSpan([4, 5])).toBe('4');
  expect(formatSpan([4, 8])).toBe('4–7');
});

test('arrow keys move by a quarter of what is shown, + and - zoom about its middle, Home shows all', () => {
  const shown = { rows: [1000, 2000], columns: [400, 800] } as const;
  const after = (key: string) => windowAfterKey(key, shown, size);
  expect(after('ArrowDown')).toEqual({ rows: [1250, 2250], columns: [400, 800] });
  expect(after('ArrowUp')).toEqual({ rows: [750, 1750], columns: [400, 800] });
  expect(after('ArrowLeft')).toEqual({ rows: [1000, 2000], columns: [300, 700] });
  expect(after('ArrowRight')).toEqual({ rows: [1000, 2000], columns: [500, 900] });
  expect(after('+')).toEqual({ rows: [1250, 1750], columns: [500, 700] });
  expect(after('-')).toEqual({ rows: [500, 2500], columns: [200, 1000] });
  expect(after('Home')).toEqual(wholeMatrix(size));
  expect(after('Tab')).toBeNull();
});
