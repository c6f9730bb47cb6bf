import { Hdf5Checkpoint } from '../../checkpoint/hdf5/hdf5-checkpoint.ts';
import type { Change, TensorChange } from '../state/tensor-state.ts';
import type { SaveSubject } from './format-writer.ts';
import type { Hdf5Subject } from './hdf5-content.ts';
import { keepsItsPlace } from './stored-values.ts';

/** Why an HDF5 file could not hold what `change` makes of it; null where it could. */
export function hdf5Objection({ checkpoint, state }: SaveSubject, { tensors, metadata }: Change): string | null {
  if (!(checkpoint instanceof Hdf5Checkpoint)) return null;
  if (metadata) return 'The attributes of HDF5 files are kept as they are: this version changes values in them.';
  for (const change of tensors) {
    const reason = tensorObjection({ checkpoint, state }, change);
    if (reason !== null) return reason;
  }
  return null;
}

function tensorObjection({ checkpoint, state }: Hdf5Subject, { before, after }: TensorChange): string | null {
  const id = before?.id ?? after?.id;
  const entry = id === undefined ? null : state.stored(id);
  if (!entry) return 'This version adds no datasets to HDF5 files.';
  if (!after) return `This version deletes no datasets from HDF5 files.`;
  if (after.name !== entry.name) return 'This version renames no datasets of HDF5 files.';
  if (!keepsItsPlace(after, entry)) return `'${entry.name}' keeps its dtype and shape in an HDF5 file.`;
  return after.steps === null ? null : valueObjection({ checkpoint, state }, entry.name);
}

function valueObjection({ checkpoint }: Hdf5Subject, name: string): string | null {
  const { facts = {} } = checkpoint.find(name) ?? {};
  const object = checkpoint.objects.get(name);
  const { enclosure } = checkpoint;
  if (facts.unreadable) return `'${name}' is ${facts.unreadable}.`;
  if (facts.written) return `Nothing of '${name}' was ever written to the file, so that it has no place there.`;
  if (object?.field !== null) return `'${name}' is a column of records, which is only read.`;
  if (enclosure?.member.method === 'deflated') return 'The archive stores its weights compressed, which is only read.';
  if (enclosure && facts.filters) return `'${name}' is compressed inside the archive, where it has no room to grow.`;
  return null;
}
