import { CheckpointFormatError } from '../errors.ts';
import type { Entry } from './checkpoint.ts';
import { ReadableCheckpoint, type ReadableStructure } from './readable-checkpoint.ts';

export interface ParsedStructure extends ReadableStructure {
  /** The file that the user named. */
  readonly path: string;
}

/** A checkpoint of a format in which no two tensors may bear one name. */
export class ParsedCheckpoint extends ReadableCheckpoint {
  /** @throws CheckpointFormatError where two do. */
  constructor(structure: ParsedStructure) {
    refuseRepeated(structure);
    super(structure);
  }
}

function refuseRepeated({ entries, sources }: ParsedStructure): void {
  const names = new Set<string>();
  for (const entry of entries) {
    if (names.has(entry.name)) refuseTwice(entry, sources[entry.file]?.name ?? '');
    names.add(entry.name);
  }
}

function refuseTwice({ name, offset }: Entry, file: string): never {
  throw new CheckpointFormatError(
    `${file}: two tensors are named ${JSON.stringify(name)}; the second lies at byte ${offset}.`,
    { file, offset },
  );
}
