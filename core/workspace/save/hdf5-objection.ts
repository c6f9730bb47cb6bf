import { Hdf5Checkpoint } from '../../checkpoint/hdf5/hdf5-checkpoint.ts';
import { attributeValue } from '../../checkpoint/hdf5/write/attribute-value.ts';
import { hdf5Holds } from '../../checkpoint/hdf5/write/datatype-message.ts';
import { MAX_RANK, pathProblem } from '../../checkpoint/hdf5/write/object-paths.ts';
import type { Change, TensorChange, TensorState } from '../state/tensor-state.ts';
import type { SaveSubject } from './format-writer.ts';
import { takesValues } from './hdf5-changes.ts';
import type { Hdf5Subject } from './hdf5-content.ts';
import { metadataChanges } from './keras-archive.ts';
import { pathObjection } from './path-objection.ts';
import { keepsItsPlace } from './stored-values.ts';

/** Why an HDF5 file could not hold what `change` makes of it; null where it could. */
export function hdf5Objection({ checkpoint, state }: SaveSubject, change: Change): string | null {
  if (!(checkpoint instanceof Hdf5Checkpoint)) return null;
  const { enclosure, rewriting } = checkpoint;
  if (enclosure?.member.method === 'deflated') return 'The archive stores its weights compressed, which is only read.';
  if (change.metadata) checkAttributes(checkpoint, change.metadata);
  for (const tensor of change.tensors) {
    const reason = tensorObjection({ checkpoint, state }, tensor);
    if (reason !== null) return reason;
  }
  if (change.metadata && rewriting.obstacle !== null) return obstacleSentence(rewriting.obstacle);
  return pathObjection({ checkpoint, state }, change, { leaves: rewriting.leaves, maps: rewriting.groups });
}

function obstacleSentence(obstacle: string): string {
  return `Only values can be changed in this HDF5 file. ${obstacle}`;
}

function tensorObjection(subject: Hdf5Subject, change: TensorChange): string | null {
  const { checkpoint, state } = subject;
  const { before, after } = change;
  const id = before?.id ?? after?.id;
  const entry = id === undefined ? null : state.stored(id);
  const facts = entry?.facts ?? {};
  const field = entry ? checkpoint.objects.get(entry.name)?.field : null;
  if (field !== null && field !== undefined) return `'${entry?.name}' is a column of records, which is only read.`;
  if (after?.steps && facts.unreadable) return `'${entry?.name}' is ${facts.unreadable}.`;
  const isPatch = entry && after && after.name === entry.name && keepsItsPlace(after, entry);
  if (isPatch && (after.steps === null || takesValues(checkpoint, facts))) return null;
  const { obstacle } = checkpoint.rewriting;
  if (obstacle !== null) return obstacleSentence(obstacle);
  if (!after) return entry && deletionObjection(checkpoint, entry.name);
  return namedObjection(checkpoint, { name: entry?.name ?? null, after }) ?? valueObjection(subject, after);
}

/** What others of the file lead to keeps its place and its name. */
function deletionObjection({ rewriting }: Hdf5Checkpoint, name: string): string | null {
  const other = rewriting.otherNames.get(name);
  if (other !== undefined) return `'${other}' is a link to '${name}', and would lead nowhere.`;
  if (rewriting.referrer === null) return null;
  return `'${rewriting.referrer}' holds references to objects of the file, of which none can be deleted.`;
}

function namedObjection(
  { rewriting }: Hdf5Checkpoint,
  { name, after }: { readonly name: string | null; readonly after: TensorState },
): string | null {
  if (name === after.name) return null;
  const other = name === null ? undefined : rewriting.otherNames.get(name);
  if (other !== undefined) return `'${other}' is a link to '${name}', which keeps its name.`;
  return pathProblem(after.name);
}

function valueObjection({ state }: Hdf5Subject, { id, name, dtype, value }: TensorState): string | null {
  const stored = state.stored(id);
  const { shape } = value?.entry ?? stored ?? state.entry(id);
  if (dtype !== stored?.dtype && !hdf5Holds(dtype)) return `HDF5 files cannot store ${dtype} ('${name}').`;
  if (shape.length > MAX_RANK)
    return `HDF5 datasets have up to ${MAX_RANK} dimensions, not ${shape.length} ('${name}').`;
  return null;
}

/** @throws InvalidArgumentError for a value that its attribute cannot take */
function checkAttributes({ rewriting }: Hdf5Checkpoint, { before, after }: NonNullable<Change['metadata']>): void {
  for (const [name, value] of metadataChanges(Object.fromEntries(before), after)) {
    const former = rewriting.attributes.get(name);
    if (former && value !== null) attributeValue(name, former, value);
  }
}
