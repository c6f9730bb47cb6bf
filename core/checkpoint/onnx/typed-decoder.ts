import { CheckpointFormatError } from '../../errors.ts';
import type { UnpackJob } from '../unpack/decoder.ts';
import { typedPieces, typedSchema } from './typed-values.ts';

/** Puts the elements of a typed field one after the other. */
export async function decodeTyped(job: UnpackJob): Promise<void> {
  const { data: typed, error } = typedSchema.safeParse(job.parameters);
  if (!typed) throw new CheckpointFormatError(`A typed tensor is described wrongly: ${error?.message}`);
  let position = 0;
  for (const piece of typedPieces(job.file(0), typed)) {
    job.write(piece, position);
    position += piece.length;
    job.advance(piece.length);
  }
}
