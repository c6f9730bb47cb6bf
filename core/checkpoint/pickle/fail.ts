import { CheckpointFormatError, UnsafeCheckpointError } from '../../errors.ts';

/** Tells where a pickle breaks the rules: `offset` counts from its first byte. */
export interface PicklePlace {
  /** For messages: `model.pt`, or `model.pt, data.pkl`. */
  readonly name: string;
  readonly offset: number;
}

export function malformed({ name, offset }: PicklePlace, problem: string): never {
  throw new CheckpointFormatError(`${name}: ${problem} (byte ${offset} of the pickle).`, { file: name, offset });
}

export function unsafe({ name, offset }: PicklePlace, problem: string): never {
  throw new UnsafeCheckpointError(`${name}: ${problem} (byte ${offset} of the pickle). Nothing was executed.`, {
    file: name,
    offset,
  });
}
