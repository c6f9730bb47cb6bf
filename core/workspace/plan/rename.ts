import { InvalidArgumentError } from '../../errors.ts';
import type { RenamePattern } from '../contract.ts';
import type { DocumentState } from '../state/document-state.ts';
import type { TensorChange, TensorState } from '../state/tensor-state.ts';
import type { RenamedName, RenamePreview } from '../summary.ts';
import { RESERVED_NAME } from './names.ts';
import type { PlannedEdit } from './planned-edit.ts';
import { replaceInNames } from './replace-in-names.ts';
import { selectTensors } from './select.ts';
import { isEncodable } from './text.ts';

export function planRename(state: DocumentState, { from, to }: { from: string; to: string }): PlannedEdit {
  const tensor = state.byName(from);
  if (from === to) throw new InvalidArgumentError(`Tensor '${from}' already has that name.`, { name: from });
  return { label: `Rename ${from} to ${to}`, tensors: 1, change: renaming(state, new Map([[tensor, to]])) };
}

/**
 * Replaces every match of the JavaScript regular expression `pattern` in every name; `replacement`
 * may use `$1`, `$<name>`, `$&` and `$$`.
 */
export async function planRenamePattern(state: DocumentState, edit: RenamePattern): Promise<PlannedEdit> {
  const targets = await targetsOf(state, edit);
  const pattern = `/${edit.pattern}/`;
  if (targets.size === 0) {
    const among = edit.select === undefined ? state.count : selectTensors(state, edit.select).length;
    throw new InvalidArgumentError(`${pattern} changes none of the ${among} names.`, {
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

/** More pairs than this nobody reads. */
const MAX_PAIRS = 10_000;

/**
 * What the same pattern and replacement would rename, and what stands against it; nothing is done. Throws
 * `InvalidArgumentError` where the pattern does not compile or takes too long.
 */
export async function previewRename(
  state: DocumentState,
  edit: RenamePattern,
): Promise<Omit<RenamePreview, 'objection'>> {
  const targets = await targetsOf(state, edit);
  const check = new NameCheck(state, targets);
  const pairs: RenamedName[] = [];
  let problems = 0;
  for (const [tensor, to] of targets) {
    const problem = check.problemOf(tensor, to)?.message ?? null;
    if (problem !== null) problems += 1;
    // What stands against the edit is always shown.
    if (pairs.length < MAX_PAIRS || (problem !== null && problems <= MAX_PAIRS))
      pairs.push({ from: tensor.name, to, problem });
  }
  const tensors = edit.select === undefined ? state.count : selectTensors(state, edit.select).length;
  return { renamed: targets.size, tensors, problems, pairs };
}

async function targetsOf(state: DocumentState, edit: RenamePattern): Promise<Map<TensorState, string>> {
  const tensors = edit.select === undefined ? [...state.tensors()] : selectTensors(state, edit.select);
  const renamed = await replaceInNames(
    tensors.map(({ name }) => name),
    edit,
  );
  const targets = new Map<TensorState, string>();
  for (const [i, tensor] of tensors.entries()) {
    const to = renamed[i];
    if (to !== undefined && to !== tensor.name) targets.set(tensor, to);
  }
  return targets;
}

/** Looks at new names in their order, each beside those before it. */
class NameCheck {
  readonly #state: DocumentState;
  readonly #leaving: ReadonlySet<string>;
  /** New names with the old ones. */
  readonly #taken = new Map<string, string>();

  constructor(state: DocumentState, targets: ReadonlyMap<TensorState, string>) {
    this.#state = state;
    this.#leaving = new Set([...targets.keys()].map(({ name }) => name));
  }

  problemOf({ name }: TensorState, to: string): InvalidArgumentError | null {
    const bad = nameProblem(name, to);
    if (bad !== null) return bad;
    const rival = this.#taken.get(to) ?? (this.#state.has(to) && !this.#leaving.has(to) ? to : undefined);
    if (rival !== undefined) return collision(name, to, rival);
    this.#taken.set(to, name);
    return null;
  }
}

/** Refuses names that a file cannot hold and names that two tensors would then share. */
function renaming(state: DocumentState, targets: ReadonlyMap<TensorState, string>): PlannedEdit['change'] {
  const check = new NameCheck(state, targets);
  const tensors: TensorChange[] = [];
  for (const [before, to] of targets) {
    const problem = check.problemOf(before, to);
    if (problem !== null) throw problem;
    tensors.push({ before, after: { ...before, name: to } });
  }
  return { tensors, metadata: null };
}

function nameProblem(from: string, to: string): InvalidArgumentError | null {
  if (to === '') {
    return new InvalidArgumentError(`Tensor '${from}' cannot be renamed to an empty name.`, { name: from });
  }
  if (to === RESERVED_NAME) {
    return new InvalidArgumentError(
      `Tensor '${from}' cannot be renamed to '${RESERVED_NAME}': safetensors keeps its metadata under that name.`,
      { name: from },
    );
  }
  if (!isEncodable(to)) {
    return new InvalidArgumentError(
      `Tensor '${from}' cannot be renamed: the new name holds half of a surrogate pair, which UTF-8 cannot express.`,
      { name: from },
    );
  }
  return null;
}

function collision(from: string, to: string, rival: string): InvalidArgumentError {
  const reason = rival === to ? 'there is a tensor of that name' : `'${rival}' would get that name too`;
  return new InvalidArgumentError(`Tensor '${from}' cannot be renamed to '${to}': ${reason}.`, { name: from, to });
}
