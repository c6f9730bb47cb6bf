import { ShapeMismatchError } from '../../errors.ts';
import { elementCount, formatShape, type Shape } from '../../ndarray/shape.ts';
import type { PartialShape, ShapeKnowledge } from './registry.ts';

/** Rules of shape inference that several operators share. Unknown sizes are -1, unknown ranks null. */

export function formatPartialShape(shape: PartialShape): string {
  return shape ? formatShape(shape) : 'None';
}

export function isComplete(shape: PartialShape): shape is Shape {
  return shape?.every((size) => size >= 0) ?? false;
}

/** What both say together. @throws ShapeMismatchError where they contradict each other. */
export function unify(a: PartialShape | undefined, b: PartialShape | undefined): PartialShape {
  if (!a || !b) return a ?? b ?? null;
  if (a.length !== b.length) throw new ShapeMismatchError(`${formatShape(a)} and ${formatShape(b)} differ in rank`);
  return a.map((size, axis) => unifySize(size, b[axis] ?? -1));
}

export function unifySize(a: number, b: number): number {
  if (a === b || b < 0) return a;
  if (a < 0) return b;
  throw new ShapeMismatchError(`sizes ${a} and ${b} differ`);
}

/** All inputs and the output have one shape. */
export function sameShape({ inputs, output }: ShapeKnowledge): ShapeKnowledge {
  const shape = inputs.reduce(unify, output);
  return { inputs: inputs.map(() => shape), output: shape };
}

/** NumPy's broadcasting of all inputs. Of the inputs, only what must hold becomes known. */
export function broadcastShape({ inputs, output }: ShapeKnowledge): ShapeKnowledge {
  if (inputs.length === 1) return sameShape({ inputs, output });
  if (inputs.some((shape) => shape === null)) return { inputs, output };
  const shapes = inputs.map((shape) => shape ?? []);
  const result = unify(shapes.reduce(broadcastPair), output);
  return { inputs, output: result };
}

/** The shape of two shapes broadcast against each other. @throws ShapeMismatchError */
export function broadcastPair(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left === 1) return right;
    if (right === 1 || left === right) return left;
    if (left < 0) return right;
    if (right < 0) return left;
    throw new ShapeMismatchError(`sizes ${left} and ${right} do not broadcast`);
  });
}

/** `axis` counted from 0. @throws ShapeMismatchError */
export function normalizeAxis(axis: number, rank: number): number {
  if (Number.isInteger(axis) && axis >= -rank && axis < rank) return axis < 0 ? axis + rank : axis;
  throw new ShapeMismatchError(`there is no axis ${axis} in an array of rank ${rank}`);
}

/** Ascending axes; no axes at all mean every one. @throws ShapeMismatchError for one that is there twice. */
export function normalizeAxes(axes: readonly number[] | null, rank: number): number[] {
  const all = Array.from({ length: rank }, (_, axis) => axis);
  if (axes === null) return all;
  const normal = axes.map((axis) => normalizeAxis(axis, rank)).sort((a, b) => a - b);
  if (new Set(normal).size !== normal.length)
    throw new ShapeMismatchError(`an axis is there twice in ${axes.join(', ')}`);
  return normal;
}

/** Replaces the one -1 in `wanted` by what is left of `count` elements. @throws ShapeMismatchError */
export function resolveReshape(wanted: Shape, count: number): Shape {
  const unknown = wanted.filter((size) => size === -1).length;
  const known = elementCount(wanted.filter((size) => size !== -1));
  if (unknown === 0 && known === count) return wanted;
  if (unknown === 1 && known > 0 && count % known === 0) {
    return wanted.map((size) => (size === -1 ? count / known : size));
  }
  throw new ShapeMismatchError(`${count} elements do not fill ${formatShape(wanted)}`);
}
