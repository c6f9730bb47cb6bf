import { InvalidArgumentError } from '../errors.ts';

/**
 * An attribute that holds a Parameter or a Block takes only what is an instance of the same class after
 * that (P-280, B-004).
 *
 * @throws InvalidArgumentError for anything else.
 */
export function assertSameClass(name: string, before: object, value: unknown): void {
  const type = before.constructor;
  if (value instanceof type) return;
  const found = typeof value === 'object' && value !== null ? value.constructor.name : String(value);
  throw new InvalidArgumentError(`Changing attribute type for ${name} from ${type.name} to ${found} is not allowed.`);
}
