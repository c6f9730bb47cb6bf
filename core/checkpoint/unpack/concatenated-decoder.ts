import type { UnpackJob } from './decoder.ts';
import { storedList } from './parameters.ts';

/** Writes stored bytes one after the other. */
export async function decodeConcatenated(job: UnpackJob): Promise<void> {
  let position = 0;
  for (const stored of storedList(job.parameters.parts)) {
    for await (const piece of job.pieces(stored)) {
      job.write(piece, position);
      job.advance(piece.length);
      position += piece.length;
    }
  }
}
