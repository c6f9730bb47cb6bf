import type { FileSource } from '../byte-source.ts';
import { PagedBytes } from '../paged-bytes.ts';
import { FlaxCheckpoint } from './flax-checkpoint.ts';
import { readStateDict } from './state-dict.ts';

export async function openFlax(source: FileSource): Promise<FlaxCheckpoint> {
  return new FlaxCheckpoint(source, await readStateDict(new PagedBytes(source)));
}
