import { InvalidArgumentError } from '../errors.ts';
import { Parameter } from '../parameter/parameter.ts';

/** Parameters by path: what `collectParams` returns, a map, or an object. */
export type SharedParameters = Iterable<readonly [string, Parameter]> | Readonly<Record<string, Parameter>>;

/** A new map of what `shared` names. @throws InvalidArgumentError for anything but Parameters by name (P-286). */
export function parametersByName(shared: SharedParameters): Map<string, Parameter> {
  if (typeof shared !== 'object' || shared === null || Array.isArray(shared)) {
    throw new InvalidArgumentError(`'shared' must be Parameters by name, got ${describe(shared)}.`);
  }
  const entries: ReadonlyMap<string, unknown> = new Map(isIterable(shared) ? shared : Object.entries(shared));
  const parameters = new Map<string, Parameter>();
  for (const [name, value] of entries) {
    if (!(value instanceof Parameter)) {
      throw new InvalidArgumentError(`'shared' must be Parameters by name, but '${name}' is ${describe(value)}.`);
    }
    parameters.set(name, value);
  }
  return parameters;
}

function isIterable<T>(value: Iterable<T> | object): value is Iterable<T> {
  return Symbol.iterator in value;
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? `a ${value.constructor.name}` : String(value);
}
