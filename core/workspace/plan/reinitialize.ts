import { createHash, randomInt } from 'node:crypto';
import { UnsupportedDTypeError } from '../../errors.ts';
import { createInitializer } from '../../initializer/index.ts';
import { dtypeInfo } from '../../ndarray/dtype.ts';
import type { EditOf } from '../edits.ts';
import type { DocumentState } from '../state/document-state.ts';
import type { TensorState } from '../state/tensor-state.ts';
import { checkUnpacked } from './elementwise.ts';
import { derivedValue, withOwnValue } from './own-values.ts';
import { type PlannedEdit, tensorsLabel } from './planned-edit.ts';
import { selectTensors } from './select.ts';

/** What `node:crypto` draws at most. */
const SEEDS = 2 ** 47;

/**
 * Values that are drawn when somebody first looks. Each tensor draws under a seed of its own, made of the
 * edit's and its name: what it gets does not depend on which others are drawn along with it.
 */
export function planReinitialize(state: DocumentState, edit: EditOf<'reinitialize'>): PlannedEdit {
  const seed = edit.seed ?? randomInt(SEEDS);
  const tensors = selectTensors(state, edit.select);
  const initializer = specOf(edit);
  const label = `Initialize ${tensorsLabel(tensors.map(({ name }) => name))} by ${edit.initializer}`;
  const changes = tensors.map((before) => {
    checkUnpacked(before);
    checkDrawable(before);
    const { name, dtype } = before;
    const { shape } = state.entry(before.id);
    const derivation = { kind: 'draw', initializer, name, seed: seedFor(seed, name) } as const;
    const lazy = derivedValue(state, { dtype, shape, derived: { derivation, sources: [] } });
    return { before, after: withOwnValue(state, before, { lazy, label }) };
  });
  return { label, tensors: changes.length, change: { tensors: changes, metadata: null }, edit: { ...edit, seed } };
}

/** JSON as the registry takes it. Throws `InvalidArgumentError` for what it does not. */
function specOf({ initializer, arguments: given }: EditOf<'reinitialize'>): string {
  const spec = /^[[{]/.test(initializer) ? initializer : JSON.stringify([initializer, given]);
  createInitializer(spec);
  return spec;
}

function checkDrawable({ name, dtype }: TensorState): void {
  const { kind } = dtypeInfo(dtype);
  if (kind === 'float' || kind === 'int' || kind === 'uint' || kind === 'bool') return;
  throw new UnsupportedDTypeError(`Tensor '${name}' is ${dtype}, which no initializer sets: cast it first.`, {
    name,
    dtype,
  });
}

function seedFor(seed: number, name: string): number {
  const hash = createHash('sha256').update(`${seed} ${name}`).digest();
  return Number(hash.readBigUInt64LE(0) & 0x1f_ffff_ffff_ffffn);
}
