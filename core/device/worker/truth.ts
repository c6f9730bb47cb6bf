import type { Numbers } from './device-array.ts';

/**
 * Files may hold any byte in a bool, and get it back unless it is written. Whoever computes with one sees
 * 1 for all that is not 0, as NumPy and PyTorch do: the bytes themselves where they are 0 and 1 already.
 */
export function truthValues(values: Numbers): Numbers {
  return values.every((value) => value <= 1) ? values : values.map((value) => (value === 0 ? 0 : 1));
}
