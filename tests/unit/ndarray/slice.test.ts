import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InvalidArgumentError } from '../../../core/errors.ts';
import { parseSlice } from '../../../core/ndarray/slice.ts';

/** The indices that Python's slicing of `range(size)` gives, one by one. */
function pythonIndices(size: number, [start, stop, step]: readonly (number | null)[]): number[] {
  const by = step ?? 1;
  const wrap = (value: number) => (value < 0 ? value + size : value);
  const indices: number[] = [];
  const low = by > 0 ? 0 : -1;
  const high = by > 0 ? size : size - 1;
  const clamp = (value: number) => Math.max(low, Math.min(high, value));
  const first = start == null ? (by > 0 ? 0 : size - 1) : clamp(wrap(start));
  const end = stop == null ? (by > 0 ? size : -1) : clamp(wrap(stop));
  for (let i = first; by > 0 ? i < end : i > end; i += by) indices.push(i);
  return indices;
}

test.each([
  ['', [3, 4], [3, 4]],
  ['', [], []],
  ['...', [3, 4], [3, 4]],
  ['1', [3, 4], [4]],
  ['-1,-1', [3, 4], []],
  ['0:4,-1', [3, 4], [3]],
  ['::2', [5], [3]],
  ['::-1', [5], [5]],
  ['...,0', [2, 3, 4], [2, 3]],
  ['0,...,1:3', [2, 3, 4], [3, 2]],
  ['0,...,0,0', [2, 3, 4], []],
  ['5:', [3], [0]],
  [' 1 , : ', [3, 4], [4]],
  ['1,', [3, 4], [4]],
  [':', [0], [0]],
])('[%s] of shape %j has shape %j', (text, shape, expected) => {
  expect(parseSlice(text, shape).shape).toEqual(expected);
});

test('integers remove their axis, slices of one element keep it', () => {
  const slice = parseSlice('2,1:2,::-1', [3, 4, 5]);
  expect(slice.removedAxes).toEqual([0]);
  expect(slice.ranges).toEqual([
    { start: 2, count: 1, step: 1 },
    { start: 1, count: 1, step: 1 },
    { start: 4, count: 5, step: -1 },
  ]);
});

test.each([
  ['3', [3], 'Index 3 is out of bounds for axis 0 with size 3.'],
  ['0,-5', [3, 4], 'Index -5 is out of bounds for axis 1 with size 4.'],
  ['0', [], 'Too many indices for the tensor: it is 0-dimensional, but 1 were indexed.'],
  ['0,0,0', [3, 4], 'Too many indices for the tensor: it is 2-dimensional, but 3 were indexed.'],
  ['...,...', [3, 4], "An index can only have a single ellipsis ('...')."],
  ['::0', [3], 'The step of the slice "::0" cannot be zero.'],
  ['a', [3], '"a" is no index: only integers, slices (start:stop:step) and one ellipsis (\'...\') are valid.'],
  ['1.5', [3], '"1.5" is no index: only integers, slices (start:stop:step) and one ellipsis (\'...\') are valid.'],
  ['0:1:1:1', [3], '"0:1:1:1" is no slice: write start:stop or start:stop:step with integers.'],
  ['x:', [3], '"x:" is no slice: write start:stop or start:stop:step with integers.'],
  [',1', [3, 3], '"" is no index: only integers, slices (start:stop:step) and one ellipsis (\'...\') are valid.'],
])('[%s] of shape %j is refused: %s', (text, shape, message) => {
  expect(() => parseSlice(text, shape)).toThrow(new InvalidArgumentError(message));
});

test('slices take the elements that Python takes', () => {
  const bound = fc.option(fc.integer({ min: -12, max: 12 }), { nil: null });
  const step = fc.option(
    fc.integer({ min: -4, max: 4 }).filter((value) => value !== 0),
    { nil: null },
  );
  fc.assert(
    fc.property(fc.nat(8), fc.tuple(bound, bound, step), (size, parts) => {
      const text = parts.map((part) => part ?? '').join(':');
      const [range] = parseSlice(text, [size]).ranges;
      const indices = Array.from({ length: range!.count }, (_, i) => range!.start + i * range!.step);
      expect(indices).toEqual(pythonIndices(size, parts));
    }),
  );
});
