import { expect, test } from 'vitest';
import {
  elementIndex,
  extentOfSlice,
  initialSlice,
  sliceKey,
  withAxis,
  withIndex,
} from '../../../renderer/tensor/slice-view.ts';

test('a slice begins with the last two axes; a vector stands or lies; a scalar is one cell', () => {
  expect(initialSlice([2, 3, 4], 'upright')).toEqual({ rowAxis: 1, columnAxis: 2, index: [0, 0, 0] });
  expect(initialSlice([7], 'upright')).toEqual({ rowAxis: 0, columnAxis: null, index: [0] });
  expect(initialSlice([7], 'lying')).toEqual({ rowAxis: null, columnAxis: 0, index: [0] });
  expect(extentOfSlice([], initialSlice([], 'upright'))).toEqual({ rows: 1, columns: 1 });
  expect(extentOfSlice([7], initialSlice([7], 'lying'))).toEqual({ rows: 1, columns: 7 });
  expect(extentOfSlice([2, 0], initialSlice([2, 0], 'upright'))).toEqual({ rows: 0, columns: 0 });
});

test('an axis that is taken changes places with the one that wants it', () => {
  const view = initialSlice([2, 3, 4], 'upright');
  expect(withAxis(view, 'rowAxis', 2)).toMatchObject({ rowAxis: 2, columnAxis: 1 });
  expect(withAxis(view, 'rowAxis', 0)).toMatchObject({ rowAxis: 0, columnAxis: 2 });
});

test('a cell of the slice has its full index', () => {
  const view = withIndex(withAxis(initialSlice([2, 3, 4], 'upright'), 'rowAxis', 0), 1, 2);
  expect(elementIndex(view, 1, 3)).toEqual([1, 2, 3]);
  expect(elementIndex(initialSlice([], 'upright'), 0, 0)).toEqual([]);
});

test('slices that show the same cells have the same key, others do not', () => {
  const view = initialSlice([2, 3, 4], 'upright');
  expect(sliceKey(withIndex(view, 2, 3))).toBe(sliceKey(view));
  expect(sliceKey(withIndex(view, 0, 1))).not.toBe(sliceKey(view));
  expect(sliceKey(withAxis(view, 'rowAxis', 2))).not.toBe(sliceKey(view));
});
