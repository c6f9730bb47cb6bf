import { InvalidArgumentError } from '../errors.ts';
import type { AxisRange } from './lazy-tensor.ts';
import type { Shape } from './shape.ts';

/** A NumPy basic slice after normalisation against a shape. */
export interface BasicSlice {
  /** One range per axis of the tensor. */
  readonly ranges: readonly AxisRange[];
  /** Axes that an integer index removed from the result, ascending; their `count` is 1. */
  readonly removedAxes: readonly number[];
  /** The shape that NumPy gives the result: the counts of the axes that stay. */
  readonly shape: readonly number[];
}

const INTEGER = /^[+-]?\d+$/;

/**
 * Parses what stands between NumPy's brackets, integers, slices and one ellipsis: `0:4,-1`, `::2`,
 * `...`, `::-1`; empty text takes everything. Semantics and messages are NumPy's basic indexing
 * (https://numpy.org/doc/stable/user/basics.indexing.html); new axes and index arrays are refused.
 *
 * @throws InvalidArgumentError naming the part of the text, the axis and its size.
 */
export function parseSlice(text: string, shape: Shape): BasicSlice {
  const parts = expandEllipsis(splitParts(text), shape);
  const ranges: AxisRange[] = [];
  const removedAxes: number[] = [];
  shape.forEach((size, axis) => {
    const part = parts[axis] ?? ':';
    if (part.includes(':')) {
      ranges.push(parseRange(part, size));
    } else {
      ranges.push({ start: parseIndex(part, axis, size), count: 1, step: 1 });
      removedAxes.push(axis);
    }
  });
  const kept = ranges.filter((_, axis) => !removedAxes.includes(axis));
  return { ranges, removedAxes, shape: kept.map((range) => range.count) };
}

function splitParts(text: string): string[] {
  if (text.trim() === '') return [];
  const parts = text.split(',').map((part) => part.trim());
  if (parts.length > 1 && parts.at(-1) === '') parts.pop();
  return parts;
}

function expandEllipsis(parts: readonly string[], shape: Shape): string[] {
  const at = parts.indexOf('...');
  if (at !== parts.lastIndexOf('...')) {
    throw new InvalidArgumentError("An index can only have a single ellipsis ('...').");
  }
  const indexed = parts.length - (at >= 0 ? 1 : 0);
  if (indexed > shape.length) {
    throw new InvalidArgumentError(
      `Too many indices for the tensor: it is ${shape.length}-dimensional, but ${indexed} were indexed.`,
    );
  }
  if (at < 0) return [...parts];
  const filler = new Array<string>(shape.length - indexed).fill(':');
  return [...parts.slice(0, at), ...filler, ...parts.slice(at + 1)];
}

function parseIndex(part: string, axis: number, size: number): number {
  if (!INTEGER.test(part)) {
    throw new InvalidArgumentError(
      `"${part}" is no index: only integers, slices (start:stop:step) and one ellipsis ('...') are valid.`,
    );
  }
  const index = Number(part);
  if (index < -size || index >= size) {
    throw new InvalidArgumentError(`Index ${part} is out of bounds for axis ${axis} with size ${size}.`);
  }
  return index < 0 ? index + size : index + 0;
}

function parseRange(part: string, size: number): AxisRange {
  const fields = part.split(':').map((field) => field.trim());
  if (fields.length > 3 || fields.some((field) => field !== '' && !INTEGER.test(field))) {
    throw new InvalidArgumentError(`"${part}" is no slice: write start:stop or start:stop:step with integers.`);
  }
  const [start = '', stop = '', stepText = ''] = fields;
  const step = stepText === '' ? 1 : Number(stepText);
  if (step === 0) throw new InvalidArgumentError(`The step of the slice "${part}" cannot be zero.`);
  const first = clampBound(start, step > 0 ? 0 : size - 1, { size, step });
  const end = clampBound(stop, step > 0 ? size : -1, { size, step });
  const count = Math.max(0, Math.ceil((end - first) / step));
  return { start: count === 0 ? 0 : first, count, step };
}

/** Python's `slice.indices`: negative bounds count from the end, then both are clamped to the axis. */
function clampBound(text: string, missing: number, axis: { size: number; step: number }): number {
  if (text === '') return missing;
  const value = Number(text);
  const position = value < 0 ? value + axis.size : value;
  const [low, high] = axis.step > 0 ? [0, axis.size] : [-1, axis.size - 1];
  return Math.min(Math.max(position, low), high) + 0;
}
