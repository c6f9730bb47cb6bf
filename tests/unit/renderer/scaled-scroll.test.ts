import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Axis,
  extentOf,
  MAX_EXTENT,
  maxOffset,
  offsetForScroll,
  offsetToReveal,
  scrollForOffset,
  visibleRange,
} from '../../../renderer/virtual/scaled-scroll.ts';

const axis = (count: number, size = 24, viewport = 480): Axis => ({ count, size, viewport });

test('the scrolled extent never exceeds what browsers lay out', () => {
  expect(extentOf(axis(1000))).toBe(24_000);
  expect(extentOf(axis(5_000_000_000))).toBe(MAX_EXTENT);
});

test('a short axis scrolls one to one', () => {
  expect(scrollForOffset(axis(1000), 1234)).toBe(1234);
  expect(offsetForScroll(axis(1000), 1234)).toBe(1234);
});

describe.each([0, 1, 19, 20, 21, 150_000, 5_000_000_000, 2 ** 40])('%d items', (count) => {
  const a = axis(count);

  test('both ends of the scroll bar show both ends of the content', () => {
    const end = offsetForScroll(a, Math.max(0, extentOf(a) - a.viewport));
    expect(visibleRange(a, 0).start).toBe(0);
    expect(visibleRange(a, end).stop).toBe(count);
    expect(end).toBeCloseTo(maxOffset(a), 3);
  });

  test('every item can be brought into view whole', () => {
    for (const index of [0, Math.floor(count / 3), count - 1].filter((i) => i >= 0 && i < count)) {
      const offset = offsetToReveal(a, 0, index);
      const top = index * a.size - offset;
      expect(top).toBeGreaterThanOrEqual(0);
      expect(top + a.size).toBeLessThanOrEqual(Math.max(a.viewport, a.size));
    }
  });
});

test('scroll and offset are inverse to each other', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 36 }), fc.double({ min: 0, max: 1, noNaN: true }), (count, share) => {
      const a = axis(count);
      const offset = share * maxOffset(a);
      expect(offsetForScroll(a, scrollForOffset(a, offset))).toBeCloseTo(offset, 2);
    }),
  );
});

test('what is visible covers the viewport and nothing else', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 36 }), fc.double({ min: 0, max: 1, noNaN: true }), (count, share) => {
      const a = axis(count);
      const offset = share * maxOffset(a);
      const { start, stop, shift } = visibleRange(a, offset);
      expect(shift).toBeLessThanOrEqual(0);
      expect(shift).toBeGreaterThan(-a.size);
      expect(stop).toBeLessThanOrEqual(count);
      const bottom = shift + (stop - start) * a.size;
      if (stop < count) expect(bottom).toBeGreaterThanOrEqual(a.viewport - 1e-3);
      expect(bottom).toBeLessThan(a.viewport + a.size + 1e-3);
    }),
  );
});

test('an item that is in view already does not move the content', () => {
  expect(offsetToReveal(axis(1000), 240, 12)).toBe(240);
});
