import type { Item } from './cursor.ts';
import type { ShapePattern } from './query.ts';
import { queryError } from './query-error.ts';

const SIZE = /^(?:\d{1,15}|\*)$/;

/** `4096` for some axis of that size; `4096x*`, `[4096, *]`, `[4096]` and `[]` for all axes. */
export function parseShape({ text, start, end }: Item): ShapePattern {
  const inBrackets = /^\[(.*)\]$/.exec(text)?.[1];
  const sizes = inBrackets === undefined ? text.split(/[x×]/i) : inBrackets === '' ? [] : inBrackets.split(/[,x×]/i);
  if (!sizes.every((size) => SIZE.test(size))) {
    throw queryError(
      `shape: wants a size that some axis has, as in shape:4096, or a size per axis, as in shape:4096x* or shape:[4096], not '${text}'.`,
      { start, end },
    );
  }
  const axes = sizes.map((size) => (size === '*' ? null : Number(size)));
  const [only] = axes;
  return inBrackets === undefined && axes.length === 1 && typeof only === 'number' ? { axis: only } : { axes };
}
