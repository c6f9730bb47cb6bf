import { InvalidArgumentError, ShapeMismatchError } from '../errors.ts';
import { formatShape, type Shape } from '../ndarray/shape.ts';

/**
 * Gluon's rules for shapes with unknown sizes, under MXNet's NumPy semantics (decisions.md): unknown
 * is -1, and 0 where a user gives it. A 0 that is stored came from a tensor that really is empty.
 */

export const UNKNOWN = -1;

/** `(2, -1)`, or `None` where the rank is unknown (P-015). */
export function formatKnownShape(shape: Shape | null): string {
  return shape === null ? 'None' : formatShape(shape);
}

/** The shape that a new Parameter is given. @throws InvalidArgumentError for anything but a list of integers. */
export function initialShape(
  name: string,
  { shape = null, shapeIsKnown = false }: { readonly shape?: Shape | number | null; readonly shapeIsKnown?: boolean },
): Shape | null {
  if (shape === null) return null;
  return shapeIsKnown && typeof shape !== 'number' ? [...shape] : normalizeShape(name, shape);
}

/** What a user gave, as it is stored. @throws InvalidArgumentError for anything but a list of integers. */
export function normalizeShape(name: string, shape: Shape | number): Shape {
  const sizes = typeof shape === 'number' ? [shape] : shape;
  if (!Array.isArray(sizes) || !sizes.every((size) => Number.isSafeInteger(size))) {
    throw new InvalidArgumentError(
      `shape of Parameter '${name}' must be a list of integers, got ${JSON.stringify(shape)}.`,
    );
  }
  return sizes.map((size) => (size === 0 ? UNKNOWN : size));
}

/** @throws ShapeMismatchError where a known size would change, or the rank (P-064). */
export function assertCompatible(name: string, given: Shape | null, next: Shape): void {
  if (given === null) return;
  const fits = given.length === next.length && given.every((size, axis) => size === UNKNOWN || size === next[axis]);
  if (fits) return;
  throw new ShapeMismatchError(
    `Expected shape ${formatShape(next)} is incompatible with given shape ${formatShape(given)} for Parameter '${name}'.`,
  );
}

/** The shape after an assignment: a stored 0 is a real size and stays when 0 is assigned to it. */
export function assignedShape(name: string, given: Shape | null, next: Shape): Shape {
  const normalized = normalizeShape(name, next);
  assertCompatible(name, given, next);
  return normalized.map((size, axis) => (given?.[axis] === next[axis] ? (given?.[axis] ?? size) : size));
}

/** P-069. @throws ShapeMismatchError for sizes below -1. */
export function isKnown(name: string, shape: Shape | null): shape is Shape {
  if (shape === null) return false;
  if (shape.some((size) => size < UNKNOWN)) {
    throw new ShapeMismatchError(
      `Sizes of a shape cannot be less than 0, but Parameter '${name}' has shape ${formatShape(shape)}.`,
    );
  }
  return !shape.includes(UNKNOWN);
}
