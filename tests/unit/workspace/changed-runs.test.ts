import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AxisRange, TensorStep } from '../../../core/ndarray/lazy-tensor.ts';
import { elementCount, stridesOf } from '../../../core/ndarray/shape.ts';
import { changedRuns } from '../../../core/workspace/save/changed-runs.ts';

const axis = fc.integer({ min: 1, max: 6 }).chain((size) =>
  fc.record({
    size: fc.constant(size),
    start: fc.integer({ min: 0, max: size - 1 }),
    step: fc.constantFrom(1, -1, 2, -2, 3),
    wanted: fc.integer({ min: 1, max: size }),
  }),
);

function rangeOf({
  size,
  start,
  step,
  wanted,
}: {
  size: number;
  start: number;
  step: number;
  wanted: number;
}): AxisRange {
  const room = step > 0 ? Math.floor((size - 1 - start) / step) : Math.floor(start / -step);
  return { start, step, count: Math.min(wanted, room + 1) };
}

function elementsOf(shape: readonly number[], ranges: readonly AxisRange[]): number[] {
  const strides = stridesOf(shape);
  let positions = [0];
  ranges.forEach((range, i) => {
    positions = positions.flatMap((base) =>
      Array.from({ length: range.count }, (_, n) => base + (range.start + n * range.step) * (strides[i] ?? 0)),
    );
  });
  return positions;
}

test('the runs cover every element that a set touches and stay inside the tensor', () => {
  fc.assert(
    fc.property(fc.array(axis, { maxLength: 4 }), (axes) => {
      const shape = axes.map(({ size }) => size);
      const ranges = axes.map(rangeOf);
      const step: TensorStep = { kind: 'set', ranges, data: '' };
      const runs = changedRuns(shape, [step]) ?? [];
      for (const element of elementsOf(shape, ranges)) {
        expect(runs.some(({ start, count }) => element >= start && element < start + count)).toBe(true);
      }
      for (const { start, count } of runs) {
        expect(start).toBeGreaterThanOrEqual(0);
        expect(start + count).toBeLessThanOrEqual(elementCount(shape));
      }
    }),
    { numRuns: 1000 },
  );
});

test('one element of a large matrix is one run of one element', () => {
  const ranges = [
    { start: 149_999, count: 1, step: 1 },
    { start: 8191, count: 1, step: 1 },
  ];
  expect(changedRuns([150_000, 8192], [{ kind: 'set', ranges, data: '' }])).toEqual([
    { start: 149_999 * 8192 + 8191, count: 1 },
  ]);
});

test('whole rows are one run, also when they are given backwards', () => {
  const ranges = [
    { start: 9, count: 4, step: -1 },
    { start: 0, count: 5, step: 1 },
  ];
  expect(changedRuns([20, 5], [{ kind: 'set', ranges, data: '' }])).toEqual([{ start: 30, count: 20 }]);
});

test('far runs stay apart, near ones are joined', () => {
  const at = (start: number): TensorStep => ({ kind: 'set', ranges: [{ start, count: 1, step: 1 }], data: '' });
  expect(changedRuns([100_000], [at(50_000), at(0), at(10)])).toEqual([
    { start: 0, count: 11 },
    { start: 50_000, count: 1 },
  ]);
});

test('steps that touch everything, and slices of too many runs, are the whole tensor', () => {
  expect(changedRuns([4], [{ kind: 'scale', factor: 2 }])).toBeNull();
  const everyOther = { kind: 'set', ranges: [{ start: 0, count: 1e9, step: 2 }], data: '' } as const;
  expect(changedRuns([2e9], [everyOther])).toBeNull();
});
