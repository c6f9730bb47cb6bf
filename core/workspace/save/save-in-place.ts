import { basename } from 'node:path';
import { CancelledError } from '../../errors.ts';
import type { SaveResult } from '../summary.ts';
import type { Segment } from './content.ts';
import { patchBytes } from './file-content.ts';
import type { Output, OutputPlan } from './format-writer.ts';
import { type InPlaceSave, MAX_IN_PLACE_BYTES, patchInPlace } from './in-place.ts';
import type { BytePatch } from './in-place-record.ts';
import { patchedReader, sealPatches } from './seals.ts';
import { SourceFile } from './source-file.ts';
import type { SaveWork } from './write-file.ts';

/** The one file of a plan that may be patched where it lies: nothing moves and the change is small. */
export function patchable({ outputs, removes }: OutputPlan): Output | null {
  const [only] = outputs;
  if (!only || outputs.length > 1 || removes.length > 0 || only.prepare) return null;
  const { base, seals = [] } = only.content;
  const isKnown = seals.every(({ former }) => former !== null);
  return base && isKnown && patchBytes(only.content) <= MAX_IN_PLACE_BYTES ? only : null;
}

/** Works out all new bytes first (reading goes by the file's stamp, which the first write changes), then patches. */
export async function saveInPlace(
  { target, content }: Output,
  { stamp, announce }: Pick<InPlaceSave, 'stamp' | 'announce'>,
  work: SaveWork,
): Promise<SaveResult> {
  const patches: BytePatch[] = [];
  for (const segment of content.segments) {
    if (work.signal.aborted) throw new CancelledError('The save was cancelled; the file is as it was.');
    const bytes = await bytesOf(segment, work);
    patches.push({ offset: segment.to, bytes });
    work.onBytes(bytes.length);
  }
  patches.push(...(await sealsOf(content, patches, work)));
  await patchInPlace({ target, stamp, patches, announce });
  return { plan: 'in-place', bytesWritten: patchBytes(content), files: [basename(target)] };
}

async function sealsOf(
  { base, segments, seals = [] }: Output['content'],
  patches: readonly BytePatch[],
  { signal }: SaveWork,
): Promise<BytePatch[]> {
  if (!base || seals.length === 0) return [];
  const file = await SourceFile.open(base.path, base.stamp);
  try {
    return await sealPatches(seals, { base: file, written: patchedReader(patches), segments, signal });
  } finally {
    await file.close();
  }
}

async function bytesOf(segment: Segment, { engine, signal }: SaveWork): Promise<Uint8Array> {
  switch (segment.kind) {
    case 'bytes':
      return segment.bytes;
    case 'elements':
      return await engine.read(segment.tensor, segment.start, segment.count, { signal, priority: 'background' });
    case 'copy':
      throw new TypeError('A patch over a base copies nothing.');
  }
}
