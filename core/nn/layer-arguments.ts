import { InvalidArgumentError } from '../errors.ts';
import type { Parameter } from '../parameter/parameter.ts';

/** @throws InvalidArgumentError for a size that is no positive integer. */
export function checkSizes(layer: string, sizes: Readonly<Record<string, number>>): void {
  for (const [name, size] of Object.entries(sizes)) {
    if (Number.isSafeInteger(size) && size > 0) continue;
    throw new InvalidArgumentError(`${name} of ${layer} must be a positive integer, got ${size}.`);
  }
}

/** @throws InvalidArgumentError for a size that is neither a positive integer nor 0 or -1, which mean unknown. */
export function checkUnknownSize(layer: string, name: string, size: number): void {
  if (Number.isSafeInteger(size) && size >= -1) return;
  throw new InvalidArgumentError(`${name} of ${layer} must be a positive integer, or 0 for unknown, got ${size}.`);
}

/** A number for both axes, or one for each. @throws InvalidArgumentError for anything else, and for numbers below `least`. */
export function checkPair(
  layer: string,
  argument: { readonly name: string; readonly value: number | readonly number[]; readonly least: number },
): readonly [number, number] {
  const { name, value, least } = argument;
  const [first = Number.NaN, second = Number.NaN, ...more] = typeof value === 'number' ? [value, value] : value;
  const areSizes = [first, second].every((size) => Number.isSafeInteger(size) && size >= least);
  if (areSizes && more.length === 0) return [first, second];
  throw new InvalidArgumentError(
    `${name} of ${layer} must be one or two integers from ${least} on, got ${JSON.stringify(value)}.`,
  );
}

/** @throws InvalidArgumentError for a number outside of [low, high). */
export function checkWithin(
  layer: string,
  argument: { readonly name: string; readonly value: number; readonly low: number; readonly high: number },
): number {
  const { name, value, low, high } = argument;
  if (value >= low && value < high) return value;
  throw new InvalidArgumentError(`${name} of ${layer} must be at least ${low} and less than ${high}, got ${value}.`);
}

/** Those that a layer was not told to do without. */
export function present(...parameters: readonly (Parameter | null)[]): Parameter[] {
  return parameters.filter((parameter) => parameter !== null);
}

/** A size as Gluon prints it: None where it is unknown. */
export function formatSize(size: number | undefined): string {
  return size === undefined || size < 0 ? 'None' : String(size);
}

export function formatFlag(value: boolean): string {
  return value ? 'True' : 'False';
}
