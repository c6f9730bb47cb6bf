import { FileSource } from '../../checkpoint/byte-source.ts';
import { hasUnwrittenChunks } from '../../checkpoint/hdf5/dataset-chunks.ts';
import type { Hdf5Checkpoint } from '../../checkpoint/hdf5/hdf5-checkpoint.ts';
import { readSuperblock } from '../../checkpoint/hdf5/superblock.ts';
import type { Hdf5Subject } from './hdf5-content.ts';
import { metadataChanges } from './keras-archive.ts';
import { savedTensors } from './saved-tensor.ts';
import { keepsItsPlace } from './stored-values.ts';

/** Whether an edited dataset can take its new values where it is; a chunk that grows needs a file that can. */
export function takesValues(
  { enclosure }: Pick<Hdf5Checkpoint, 'enclosure'>,
  facts: Readonly<Record<string, string>>,
): boolean {
  return !facts.written && !(enclosure && facts.filters);
}

/** Whether the file's structure is written anew: more changes than values, or a value that has no place yet. */
export async function changesStructure(subject: Hdf5Subject): Promise<boolean> {
  if (changesMoreThanValues(subject)) return true;
  const { checkpoint, state } = subject;
  const [original] = checkpoint.files;
  if (!original || checkpoint.rewriting.obstacle !== null) return false;
  for (const { origin, edited } of savedTensors(state)) {
    const object = edited && origin ? checkpoint.objects.get(origin.name) : undefined;
    if (object?.layout !== 'chunked') continue;
    const { file } = await readSuperblock(FileSource.known(original), checkpoint.container.extent);
    if (await hasUnwrittenChunks(file, object.address)) return true;
  }
  return false;
}

function changesMoreThanValues({ checkpoint, state }: Hdf5Subject): boolean {
  if (metadataChanges(checkpoint.metadata, state.metadata).size > 0) return true;
  const tensors = savedTensors(state);
  if (tensors.length !== checkpoint.entries.length) return true;
  return tensors.some(({ origin, name, edited, state: tensor }) => {
    if (!origin || origin.name !== name || !keepsItsPlace(tensor, origin)) return true;
    return edited && !takesValues(checkpoint, origin.facts ?? {});
  });
}
