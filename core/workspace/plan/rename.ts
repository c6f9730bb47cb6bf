import { InvalidArgumentError } from '../../errors.ts';
import type { DocumentState } from '../state/document-state.ts';
import type { TensorChange, TensorState } from '../state/tensor-state.ts';
import type { PlannedEdit } from './planned-edit.ts';
import { replaceInNames } from './replace-in-names.ts';
import { isEncodable } from './text.ts';

/** The header key under which safetensors keeps its metadata: no tensor can bear it. */
const RESERVED_NAME = '__metadata__';

export function planRename(state: DocumentState, { from, to }: { from: string; to: string }): PlannedEdit {
  const tensor = state.byName(from);
  if (from === to) throw new InvalidArgumentError(`Tensor '${from}' already has that name.`, { name: from });
  return { label: `Rename ${from} to ${to}`, tensors: 1, change: renaming(state, new Map([[tensor, to]])) };
}

/**
 * Replaces every match of the JavaScript regular expression `pattern` in every name; `replacement`
 * may use `$1`, `$<name>`, `$&` and `$$`.
 */
export async function planRenamePattern(
  state: DocumentState,
  edit: { pattern: string; replacement: string },
): Promise<PlannedEdit> {
  const tensors = [...state.tensors()];
  const renamed = await replaceInNames(
    tensors.map(({ name }) => name),
    edit,
  );
  const targets = new Map<TensorState, string>();
  for (const [i, tensor] of tensors.entries()) {
    const to = renamed[i];
    if (to !== undefined && to !== tensor.name) targets.set(tensor, to);
  }
  const pattern = `/${edit.pattern}/`;
  if (targets.size === 0) {
    throw new InvalidArgumentError(`${pattern} changes none of the ${tensors.length} names.`, {
      pattern: edit.pattern,
    });
  }
  const count = targets.size === 1 ? '1 tensor' : `${targets.size} tensors`;
  return {
    label: `Rename ${count} by ${pattern} to ${edit.replacement === '' ? '(nothing)' : edit.replacement}`,
    tensors: targets.size,
    change: renaming(state, targets),
  };
}

/** Refuses names that a file cannot hold and names that two tensors would then share. */
function renaming(state: DocumentState, targets: ReadonlyMap<TensorState, string>): PlannedEdit['change'] {
  const leaving = new Set([...targets.keys()].map(({ name }) => name));
  const taken = new Map<string, string>();
  const tensors: TensorChange[] = [];
  for (const [before, to] of targets) {
    checkName(before.name, to);
    const rival = taken.get(to) ?? (state.has(to) && !leaving.has(to) ? to : undefined);
    if (rival !== undefined) throw collision(before.name, to, rival);
    taken.set(to, before.name);
    tensors.push({ before, after: { ...before, name: to } });
  }
  return { tensors, metadata: null };
}

function checkName(from: string, to: string): void {
  if (to === '') {
    throw new InvalidArgumentError(`Tensor '${from}' cannot be renamed to an empty name.`, { name: from });
  }
  if (to === RESERVED_NAME) {
    throw new InvalidArgumentError(
      `Tensor '${from}' cannot be renamed to '${RESERVED_NAME}': safetensors keeps its metadata under that name.`,
      { name: from },
    );
  }
  if (!isEncodable(to)) {
    throw new InvalidArgumentError(
      `Tensor '${from}' cannot be renamed: the new name holds half of a surrogate pair, which UTF-8 cannot express.`,
      { name: from },
    );
  }
}

function collision(from: string, to: string, rival: string): InvalidArgumentError {
  const reason = rival === to ? 'there is a tensor of that name' : `'${rival}' would get that name too`;
  return new InvalidArgumentError(`Tensor '${from}' cannot be renamed to '${to}': ${reason}.`, { name: from, to });
}
