import type { Edit, SingleEdit } from '../edits.ts';
import type { DocumentState } from '../state/document-state.ts';
import { type BatchMember, batchOf, labelOf, planMembers } from './batch.ts';
import { planCompute } from './compute.ts';
import { planCopy } from './copy.ts';
import { planCast, planFill, planScale } from './elementwise.ts';
import { planConcatenate, planSplit } from './join.ts';
import { planMetadata } from './metadata.ts';
import type { PlanContext } from './plan-context.ts';
import type { PlannedEdit } from './planned-edit.ts';
import { planReinitialize } from './reinitialize.ts';
import { planDelete, planKeep } from './remove.ts';
import { planRename, planRenamePattern } from './rename.ts';
import { planReshape, planSlice, planTranspose } from './reshape.ts';
import { limitedTo, type Selected } from './selected.ts';
import { planSet } from './set.ts';
import { SourceFiles } from './source-files.ts';
import { planTie, planUntie, takenApart, withTied } from './ties.ts';

/**
 * Checks `edit` against `state` and works out what it changes; `state` itself stays as it is, so an
 * edit that fails has changed nothing. Throws `NotFoundError` (unknown names, with the nearest one, and globs without a match),
 * `InvalidArgumentError` (collisions, wrong counts, values out of range) and
 * `UnsupportedDTypeError` (packed types).
 */
export async function planEdit(state: DocumentState, edit: Edit): Promise<PlannedEdit> {
  return await withSources((sources) => planWith(state, edit, sources));
}

/** As `planEdit`, of edits whose `select` is limited to the tensors `found`. */
export async function planSelected(state: DocumentState, selected: Selected): Promise<PlannedEdit> {
  const { query, edits, found, edited } = selected;
  const members = edits.map(
    (edit): BatchMember =>
      (now) =>
        limitedTo(found, edit, now),
  );
  return await withSources(async (sources) => {
    const planned = await planMembers(state, members, (now, edit) => planSingle(now, edit, { sources, edited }));
    return batchOf(planned, { edited, label: `${labelOf(planned.members)} where ${query}` });
  });
}

async function withSources(plan: (sources: SourceFiles) => Promise<PlannedEdit>): Promise<PlannedEdit> {
  const sources: SourceFiles = new SourceFiles((state, edit) => planWith(state, edit, sources));
  try {
    return await plan(sources);
  } finally {
    await sources.close();
  }
}

async function planWith(state: DocumentState, edit: Edit, sources: SourceFiles): Promise<PlannedEdit> {
  if (edit.kind !== 'batch') return await planSingle(state, edit, { sources, edited: [] });
  const { edits, edited = [], label } = edit;
  const members = edits.map(
    (member): BatchMember =>
      () =>
        member,
  );
  const planned = await planMembers(state, members, (now, member) => planSingle(now, member, { sources, edited }));
  return batchOf(planned, { edited, label });
}

async function planSingle(state: DocumentState, edit: SingleEdit, context: PlanContext): Promise<PlannedEdit> {
  const planned = await planNamed(state, edit, context);
  if (edit.kind === 'tie' || edit.kind === 'untie') return planned;
  return 'apart' in edit && edit.apart ? takenApart(state, planned) : withTied(state, planned);
}

/** What the edit says of the tensors that it names. */
async function planNamed(state: DocumentState, edit: SingleEdit, context: PlanContext): Promise<PlannedEdit> {
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
      return await planCopy(state, edit, context);
    case 'tie':
      return planTie(state, edit);
    case 'untie':
      return planUntie(state, edit);
    case 'reinitialize':
      return planReinitialize(state, edit);
    case 'compute':
      return await planCompute(state, edit, context);
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
