import type { Hdf5Checkpoint } from '../../checkpoint/hdf5/hdf5-checkpoint.ts';
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

/** Whether more changes than values: then the file's structure is written anew. */
export function changesStructure({ checkpoint, state }: Hdf5Subject): boolean {
  if (metadataChanges(checkpoint.metadata, state.metadata).size > 0) return true;
  const tensors = savedTensors(state);
  if (tensors.length !== checkpoint.entries.length) return true;
  return tensors.some(({ origin, name, edited, state: tensor }) => {
    if (!origin || origin.name !== name || !keepsItsPlace(tensor, origin)) return true;
    return edited && !takesValues(checkpoint, origin.facts ?? {});
  });
}
