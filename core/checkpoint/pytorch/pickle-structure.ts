import { UnsafeCheckpointError } from '../../errors.ts';
import { warnings } from '../../warnings.ts';
import type { Entry, ValueNode } from '../checkpoint.ts';
import { isDangerous } from '../pickle/danger.ts';
import type { ParsedPickle } from '../pickle/parse.ts';
import { entriesOf } from './entries.ts';
import type { EntryContext } from './entry-context.ts';
import { TensorRebuilder } from './rebuild.ts';
import { editablePairs } from './structure-editor.ts';
import type { TensorValue } from './tensor.ts';
import { type Found, type FoundTensor, walkValue } from './walk.ts';

export interface PickleStructure {
  readonly entries: readonly Entry[];
  readonly values: readonly ValueNode[];
  /** Parallel to the entries, those of a pickle's main value. */
  readonly places?: readonly TensorPlace[];
}

/** Where in the pickle a tensor stands, as far as it decides what can be made of it. */
export interface TensorPlace {
  readonly kind: TensorValue['kind'];
  /** The path of the dict that holds it; null where it stands elsewhere: in a list, an object, by itself. */
  readonly dict: string | null;
}

function placeOf({ name, key, holder, inObject, value }: FoundTensor): TensorPlace {
  const dict = inObject || !editablePairs(holder) ? null : name.slice(0, Math.max(0, name.length - key.length - 1));
  return { kind: value.kind, dict };
}

/** The tensors of a pickle's value and what lies beside them; storages are looked up in `context`. */
export async function structureOf(found: Found, parsed: ParsedPickle, context: EntryContext): Promise<PickleStructure> {
  const entries = await entriesOf(found.tensors, context);
  const dangerous = [...parsed.globals].filter(([name]) => isDangerous(name));
  if (dangerous.length > 0) reportDanger(dangerous, entries.length, context.name);
  const warningNodes = dangerous.map(([name]) => dangerNode(name));
  return { entries, values: [...warningNodes, ...found.values], places: found.tensors.map(placeOf) };
}

export async function findTensors(parsed: ParsedPickle, name: string): Promise<Found> {
  return await walkValue(parsed.value, new TensorRebuilder(name), name);
}

/** Weights beside a call are shown, with a warning; a call without weights is all that the file is for. */
function reportDanger(dangerous: readonly (readonly [string, number])[], tensors: number, file: string): void {
  const names = dangerous.map(([name]) => name);
  const shown = `${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`;
  if (tensors > 0) {
    warnings.emit(
      'UserWarning',
      `${file} names ${shown}, which other programs would call while they load it. Nothing was executed; do not load this file elsewhere unless you trust it.`,
    );
    return;
  }
  const offset = dangerous[0]?.[1] ?? 0;
  throw new UnsafeCheckpointError(
    `${file} holds no tensors, but would call ${shown} (byte ${offset} of the pickle). Nothing was executed.`,
    { file, offset, global: names[0] ?? '' },
  );
}

function dangerNode(name: string): ValueNode {
  return {
    key: 'unsafe',
    kind: 'object',
    type: name,
    text: `${name} would be called by other programs; it was not executed.`,
  };
}
