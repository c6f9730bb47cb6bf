import type { Edit } from '../contract.ts';
import { FieldError } from '../ui/field-problem.ts';

/** What can be done with the shape of one tensor. */
export const SHAPE_OPERATIONS = ['reshape', 'transpose', 'slice', 'split'] as const;
export type ShapeOperation = (typeof SHAPE_OPERATIONS)[number];

/** Whole numbers between commas; throws what is wrong. */
export function wholeNumbers(text: string, field: string): number[] {
  const parts = text.split(/[,\s]+/).filter((part) => part !== '');
  return parts.map((part) => {
    const number = Number(part);
    if (!Number.isSafeInteger(number))
      throw new FieldError(field, `"${part}" is no whole number. Write 2, 3 for example.`);
    return number;
  });
}

/** Names between commas or lines. */
export function namesIn(text: string): string[] {
  return text
    .split(/[,\n]/)
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** The edit that the fields of an operation ask for; throws what is wrong with them. */
export function shapeEdit(operation: ShapeOperation, name: string, field: (name: string) => string): Edit {
  switch (operation) {
    case 'reshape':
      return { kind: 'reshape', name, shape: wholeNumbers(field('shape'), 'shape') };
    case 'transpose': {
      const axes = wholeNumbers(field('axes'), 'axes');
      return { kind: 'transpose', name, ...(axes.length > 0 && { axes }) };
    }
    case 'slice': {
      const to = field('to').trim();
      return { kind: 'slice', name, slice: field('slice').trim(), ...(to !== '' && { to }) };
    }
    case 'split': {
      const sizes = wholeNumbers(field('sizes'), 'sizes');
      const given = namesIn(field('names'));
      const names = given.length > 0 ? given : sizes.map((_, i) => `${name}.${i}`);
      if (sizes.length === 0) throw new FieldError('sizes', 'Write the sizes of the parts, such as 2, 2.');
      if (names.length !== sizes.length) {
        throw new FieldError(
          'names',
          `There are ${sizes.length} sizes and ${names.length} names: write a name for each part.`,
        );
      }
      return { kind: 'split', name, axis: axisOf(field('axis')), sizes, names, keep: field('keep') !== '' };
    }
  }
}

export function axisOf(text: string): number {
  const axis = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(axis))
    throw new FieldError('axis', 'The axis is a whole number: 0 is the first, -1 the last.');
  return axis;
}
