import type { Edit } from '../edits.ts';
import type { DocumentState } from '../state/document-state.ts';
import { planCompute } from './compute.ts';
import { planCopy } from './copy.ts';
import { planCast, planFill, planScale } from './elementwise.ts';
import { planConcatenate, planSplit } from './join.ts';
import { planMetadata } from './metadata.ts';
import type { PlannedEdit } from './planned-edit.ts';
import { planReinitialize } from './reinitialize.ts';
import { planDelete, planKeep } from './remove.ts';
import { planRename, planRenamePattern } from './rename.ts';
import { planReshape, planSlice, planTranspose } from './reshape.ts';
import { planSet } from './set.ts';
import { withTied } from './ties.ts';

/**
 * Checks `edit` against `state` and works out what it changes; `state` itself stays as it is, so an
 * edit that fails has changed nothing. Throws `NotFoundError` (unknown names, with the nearest one, and globs without a match),
 * `InvalidArgumentError` (collisions, wrong counts, values out of range) and
 * `UnsupportedDTypeError` (packed types).
 */
export async function planEdit(state: DocumentState, edit: Edit): Promise<PlannedEdit> {
  const planned = await planNamed(state, edit);
  return 'apart' in edit && edit.apart ? planned : withTied(state, planned);
}

/** What the edit says of the tensors that it names. */
async function planNamed(state: DocumentState, edit: Edit): Promise<PlannedEdit> {
  switch (edit.kind) {
    case 'rename':
      return planRename(state, edit);
    case 'rename-pattern':
      return await planRenamePattern(state, edit);
    case 'delete':
      return planDelete(state, edit);
    case 'keep':
      return planKeep(state, edit);
    case 'cast':
      return planCast(state, edit);
    case 'fill':
      return planFill(state, edit);
    case 'scale':
      return planScale(state, edit);
    case 'set':
      return planSet(state, edit);
    case 'copy':
      return await planCopy(state, edit);
    case 'reinitialize':
      return planReinitialize(state, edit);
    case 'compute':
      return await planCompute(state, edit);
    case 'reshape':
      return planReshape(state, edit);
    case 'transpose':
      return planTranspose(state, edit);
    case 'slice':
      return planSlice(state, edit);
    case 'concatenate':
      return planConcatenate(state, edit);
    case 'split':
      return planSplit(state, edit);
    case 'metadata':
      return planMetadata(state, edit);
    default:
      return assertNever(edit);
  }
}

function assertNever(edit: never): never {
  throw new TypeError(`Unknown edit ${JSON.stringify(edit)}.`);
}
