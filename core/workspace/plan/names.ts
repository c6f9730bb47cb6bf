import { InvalidArgumentError } from '../../errors.ts';
import { isEncodable } from './text.ts';

/** The header key under which safetensors keeps its metadata: no tensor can bear it. */
export const RESERVED_NAME = '__metadata__';

/** Throws `InvalidArgumentError` for what cannot be the name of a tensor. */
export function checkNewName(name: string): void {
  if (name === '') throw new InvalidArgumentError('A tensor cannot have an empty name.', { name });
  if (name === RESERVED_NAME) {
    throw new InvalidArgumentError(
      `No tensor can be called '${RESERVED_NAME}': safetensors keeps its metadata under that name.`,
      { name },
    );
  }
  if (!isEncodable(name)) {
    throw new InvalidArgumentError('A name cannot hold half of a surrogate pair: UTF-8 has no way to express it.', {
      name,
    });
  }
}

/** `name`, or the first of `name_2`, `name_3`, … that nobody has. */
export function freeName(name: string, isTaken: (name: string) => boolean): string {
  if (!isTaken(name)) return name;
  for (let n = 2; ; n++) if (!isTaken(`${name}_${n}`)) return `${name}_${n}`;
}
