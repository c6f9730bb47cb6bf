import { InvalidArgumentError } from '../errors.ts';

/**
 * `pattern` as an expression that matches only at the start of a text, as Python's `re.match` (P-281).
 *
 * @throws InvalidArgumentError for a string that is no regular expression.
 */
export function matchingAtStart(pattern: string | RegExp): RegExp {
  const flags = pattern instanceof RegExp ? pattern.flags.replaceAll(/[gy]/g, '') : '';
  try {
    // A sticky expression matches where `lastIndex` is, and nowhere behind it.
    return new RegExp(pattern, `${flags}y`);
  } catch (error) {
    throw new InvalidArgumentError(`${JSON.stringify(pattern)} is no regular expression: ${String(error)}.`);
  }
}
