import { expect, test } from 'vitest';
import {
  formatBytes,
  formatShape,
  formatShare,
  formatShortCount,
  formatStatistic,
  plural,
} from '../../../renderer/format/numbers.ts';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.00 kB'],
  [999_999, '1.00 MB'],
  [2_457_600_000, '2.46 GB'],
  [20e9, '20.0 GB'],
  [1.5e15, '1.50 PB'],
  [5e18, '5,000 PB'],
])('%d bytes read %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  [0, '0'],
  [999, '999'],
  [7_241_732_096, '7.24B'],
  [281_000, '281K'],
])('%d parameters read %s', (count, text) => {
  expect(formatShortCount(count)).toBe(text);
});

test.each([
  [null, '—'],
  [0, '0'],
  [12_345, '12,345'],
  [0.123_456_789, '0.123457'],
  [-1.5, '-1.5'],
  [0.000_012_345_678, '1.23457e-5'],
  [1.5e20, '150000000000000000000'],
  [1.234_567_89e-30, '1.23457e-30'],
])('the statistic %d reads %s', (value, text) => {
  expect(formatStatistic(value)).toBe(text);
});

test('a share never rounds to nothing or to everything', () => {
  expect(formatShare(0, 10)).toBe('0 %');
  expect(formatShare(1, 1e9)).toBe('< 0.001 %');
  expect(formatShare(1e9 - 1, 1e9)).toBe('> 99.999 %');
  expect(formatShare(10, 10)).toBe('100 %');
  expect(formatShare(1, 3)).toBe('33.3 %');
  expect(formatShare(0, 0)).toBe('0 %');
});

test('shapes and counts', () => {
  expect(formatShape([4096, 11_008])).toBe('[4096, 11008]');
  expect(formatShape([])).toBe('scalar');
  expect(plural(1, 'tensor')).toBe('1 tensor');
  expect(plural(1204, 'tensor')).toBe('1,204 tensors');
});
