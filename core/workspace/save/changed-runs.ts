import type { AxisRange, TensorStep } from '../../ndarray/lazy-tensor.ts';
import { type Shape, stridesOf } from '../../ndarray/shape.ts';

/** Elements `[start, start + count)` of a tensor in C order. */
export interface ElementRun {
  readonly start: number;
  readonly count: number;
}

/** Beyond this many runs it is cheaper to write the tensor whole. */
const MAX_RUNS = 65_536;
/** Runs that are nearer than this are written as one. */
const NEAR_ELEMENTS = 1024;

/**
 * Where a tensor of `shape` may differ from its stored bytes after `steps`; null where that is
 * everywhere, or in too many places.
 */
export function changedRuns(shape: Shape, steps: readonly TensorStep[]): ElementRun[] | null {
  const runs: ElementRun[] = [];
  for (const step of steps) {
    if (step.kind !== 'set') return null;
    if (!collectRuns(shape, step.ranges, runs)) return null;
  }
  return joinNear(runs);
}

/** Adds the contiguous runs of a slice; false where there would be too many. */
function collectRuns(shape: Shape, ranges: readonly AxisRange[], runs: ElementRun[]): boolean {
  if (ranges.some(({ count }) => count === 0)) return true;
  const { axes, run } = innermostRun(shape, ranges);
  const outer = ranges.slice(0, axes);
  const total = outer.reduce((product, { count }) => product * count, 1);
  if (runs.length + total > MAX_RUNS) return false;
  const strides = stridesOf(shape);
  const index = new Array<number>(axes).fill(0);
  for (let n = 0; n < total; n++) {
    const start = outer.reduce(
      (sum, range, axis) => sum + (range.start + (index[axis] ?? 0) * range.step) * (strides[axis] ?? 0),
      run.start,
    );
    runs.push({ start, count: run.count });
    advance(index, outer);
  }
  return true;
}

/** The trailing axes that together select one unbroken run, and how many axes remain before them. */
function innermostRun(shape: Shape, ranges: readonly AxisRange[]): { axes: number; run: ElementRun } {
  let axes = ranges.length;
  let inner = 1;
  for (; axes > 0; axes--) {
    const range = ranges[axes - 1];
    const size = shape[axes - 1] ?? 1;
    if (!range || range.count !== size) break;
    inner *= size;
  }
  const range = ranges[axes - 1];
  if (!range || Math.abs(range.step) !== 1) return { axes, run: { start: 0, count: inner } };
  const first = range.step > 0 ? range.start : range.start - (range.count - 1);
  return { axes: axes - 1, run: { start: first * inner, count: range.count * inner } };
}

function advance(index: number[], ranges: readonly AxisRange[]): void {
  for (let axis = index.length - 1; axis >= 0; axis--) {
    const next = (index[axis] ?? 0) + 1;
    index[axis] = next < (ranges[axis]?.count ?? 1) ? next : 0;
    if (index[axis] !== 0) return;
  }
}

function joinNear(runs: readonly ElementRun[]): ElementRun[] {
  const joined: ElementRun[] = [];
  for (const { start, count } of runs.toSorted((a, b) => a.start - b.start)) {
    const last = joined.at(-1);
    if (last && start - (last.start + last.count) <= NEAR_ELEMENTS) {
      const end = Math.max(last.start + last.count, start + count);
      joined[joined.length - 1] = { start: last.start, count: end - last.start };
    } else {
      joined.push({ start, count });
    }
  }
  return joined;
}
