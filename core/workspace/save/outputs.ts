import { basename } from 'node:path';
import type { WritableFormat } from '../../checkpoint/checkpoint.ts';
import { InvalidStateError } from '../../errors.ts';
import { convertedSubject } from './converted.ts';
import type { OutputPlan, SaveSubject } from './format-writer.ts';
import { ownWriter, writerOf } from './writers.ts';

/** What saving a document over its own files writes: only files that change. Throws `InvalidStateError`. */
export async function planOwnFiles(subject: SaveSubject): Promise<OutputPlan> {
  const { path, format } = subject.checkpoint;
  const writer = ownWriter(subject.checkpoint);
  if (writer) return await writer.planOwn(subject);
  throw new InvalidStateError(`${basename(path)} is of a format (${format}) that is only read here; use Save as.`);
}

/** What writing all tensors to a new checkpoint at `target`, a real path, writes. */
export async function planOneFile(
  subject: SaveSubject,
  { target, format }: { readonly target: string; readonly format: WritableFormat },
): Promise<OutputPlan> {
  const writer = writerOf(format);
  return await writer.planNew(convertedSubject(subject, writer), target);
}
