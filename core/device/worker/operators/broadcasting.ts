import type { Shape } from '../../../ndarray/shape.ts';
import { stridesOf } from '../../../ndarray/shape.ts';

/** Calls `visit` for every element of the output with its position and those of the inputs that meet there. */
export type Visit = (output: number, a: number, b: number) => void;

/** Walks the elements of `shape` in C order beside two arrays that broadcast to it. */
export function walkPairs(shape: Shape, [a, b]: readonly [Shape, Shape], visit: Visit): void {
  const aSteps = broadcastStrides(a, shape);
  const bSteps = broadcastStrides(b, shape);
  const last = shape.length - 1;
  const width = last < 0 ? 1 : (shape[last] ?? 1);
  const aStep = aSteps[last] ?? 0;
  const bStep = bSteps[last] ?? 0;
  let output = 0;
  for (const [aStart, bStart] of rowStarts(shape.slice(0, Math.max(last, 0)), aSteps, bSteps)) {
    for (let i = 0; i < width; i++) visit(output++, aStart + i * aStep, bStart + i * bStep);
  }
}

/** C-order strides of `shape` seen as `target`: 0 where it repeats. */
export function broadcastStrides(shape: Shape, target: Shape): number[] {
  const strides = stridesOf(shape);
  const skipped = target.length - shape.length;
  return target.map((_, axis) => {
    const own = axis - skipped;
    return own < 0 || shape[own] === 1 ? 0 : (strides[own] ?? 0);
  });
}

/** The positions in both arrays of each index of the leading axes. */
function* rowStarts(
  leading: Shape,
  aSteps: readonly number[],
  bSteps: readonly number[],
): Generator<readonly [number, number]> {
  if (leading.some((size) => size === 0)) return;
  const index = leading.map(() => 0);
  let a = 0;
  let b = 0;
  for (;;) {
    yield [a, b];
    let axis = leading.length - 1;
    for (; axis >= 0; axis--) {
      const size = leading[axis] ?? 1;
      a += aSteps[axis] ?? 0;
      b += bSteps[axis] ?? 0;
      const next = (index[axis] ?? 0) + 1;
      if (next < size) {
        index[axis] = next;
        break;
      }
      index[axis] = 0;
      a -= size * (aSteps[axis] ?? 0);
      b -= size * (bSteps[axis] ?? 0);
    }
    if (axis < 0) return;
  }
}
