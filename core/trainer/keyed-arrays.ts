import type { NDArray } from '../device/nd-array.ts';
import { InvalidArgumentError } from '../errors.ts';
import type { Key } from './optimizer.ts';

/** One key with one array or one of each device, or a list of keys with as many arrays for each. */
export type Keys = Key | readonly Key[];
export type Pushed = NDArray | readonly NDArray[];

/** The arrays of each key. */
export type KeyedArrays = readonly (readonly [Key, readonly NDArray[]])[];

/**
 * `known` is a key that the store has already.
 *
 * @throws InvalidArgumentError where keys are numbers and strings (K-001), or arrays cannot be shared out evenly.
 */
export function keyedArrays(key: Keys, value: Pushed, known: Key | undefined): KeyedArrays {
  const keys = listOf(key);
  const values = listOf(value);
  const type = typeof (known ?? keys[0]);
  if (keys.some((each) => typeof each !== type)) {
    throw new InvalidArgumentError(
      'Mixed key types are not allowed: the keys of a KVStore are all numbers or all strings.',
    );
  }
  if (!Array.isArray(key)) return keys.map((each) => [each, values]);
  const perKey = values.length / keys.length;
  if (!Number.isInteger(perKey) || perKey < 1) {
    throw new InvalidArgumentError(`${values.length} arrays cannot be shared out over ${keys.length} keys.`);
  }
  return keys.map((each, i) => [each, values.slice(i * perKey, (i + 1) * perKey)]);
}

export function listOf<T>(one: T | readonly T[]): readonly T[] {
  return Array.isArray(one) ? one : [one as T];
}
