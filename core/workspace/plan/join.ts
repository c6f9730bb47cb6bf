import { DTypeMismatchError, InvalidArgumentError, ShapeMismatchError } from '../../errors.ts';
import { type LazyTensor, resultDType } from '../../ndarray/lazy-tensor.ts';
import { formatShape, type Shape, stridesOf } from '../../ndarray/shape.ts';
import type { EditOf } from '../edits.ts';
import type { DocumentState } from '../state/document-state.ts';
import type { TensorChange, TensorState } from '../state/tensor-state.ts';
import { checkNewName } from './names.ts';
import { derivedValue, newTensor } from './own-values.ts';
import type { PlannedEdit } from './planned-edit.ts';
import { sourceOf, viewOf } from './reshape.ts';

export function planConcatenate(state: DocumentState, edit: EditOf<'concatenate'>): PlannedEdit {
  const { names, to, drop } = edit;
  const parts = names.map((name) => sourceOf(state, name));
  const [first, ...others] = parts.map(({ source }) => source);
  if (!first) throw new InvalidArgumentError('There is nothing to concatenate.');
  const axis = axisOf(edit.axis, first.shape);
  for (const [i, part] of others.entries())
    checkJoins(first, part, { axis, names: [names[0] ?? '', names[i + 1] ?? ''] });
  const sizes = parts.map(({ source }) => source.shape[axis] ?? 0);
  const shape = first.shape.with(
    axis,
    sizes.reduce((sum, size) => sum + size, 0),
  );
  const sources = parts.map(({ source }) => source);
  const derivation = { kind: 'concatenate', axis } as const;
  const lazy = derivedValue(state, { dtype: resultDType(first), shape, derived: { derivation, sources } });
  const label = `Concatenate ${names.length} tensors into ${to}`;
  const dropped = drop ? [...new Set(parts.map(({ before }) => before))] : [];
  const after = newTensor(state, to, { lazy, label, leaving: dropped, after: parts.at(-1)?.before ?? null });
  return { label, tensors: names.length, change: changeOf(dropped, [after]) };
}

export function planSplit(state: DocumentState, edit: EditOf<'split'>): PlannedEdit {
  const { name, sizes, names, keep } = edit;
  const { before, source } = sourceOf(state, name);
  const axis = axisOf(edit.axis, source.shape);
  checkSplit(edit, source.shape, axis);
  const strides = stridesOf(source.shape);
  const label = `Split ${name} into ${names.length} tensors`;
  const dropped = keep ? [] : [before];
  const made: TensorState[] = [];
  let index = 0;
  for (const [i, size] of sizes.entries()) {
    const to = names[i] ?? '';
    const view = { kind: 'view', start: size === 0 ? 0 : index * (strides[axis] ?? 0), strides } as const;
    const lazy = viewOf(state, source, { view, shape: source.shape.with(axis, size) });
    made.push(newTensor(state, to, { lazy, label, leaving: dropped, after: made.at(-1) ?? before }));
    index += size;
  }
  return { label, tensors: made.length, change: changeOf(dropped, made) };
}

function changeOf(dropped: readonly TensorState[], made: readonly TensorState[]): PlannedEdit['change'] {
  const gone: TensorChange[] = dropped.map((before) => ({ before, after: null }));
  return { tensors: [...gone, ...made.map((after) => ({ before: null, after }))], metadata: null };
}

function axisOf(axis: number, shape: Shape): number {
  const counted = axis < 0 ? axis + shape.length : axis;
  if (counted >= 0 && counted < shape.length) return counted;
  throw new InvalidArgumentError(`There is no axis ${axis} in shape ${formatShape(shape)}.`, { axis });
}

function checkJoins(
  a: LazyTensor,
  b: LazyTensor,
  { axis, names: [first, other] }: { readonly axis: number; readonly names: readonly [string, string] },
): void {
  if (resultDType(a) !== resultDType(b)) {
    throw new DTypeMismatchError(
      `'${first}' is ${resultDType(a)} and '${other}' is ${resultDType(b)}: cast one of them first.`,
    );
  }
  const agrees = a.shape.length === b.shape.length && a.shape.every((size, i) => i === axis || size === b.shape[i]);
  if (agrees) return;
  throw new ShapeMismatchError(
    `'${first}' of shape ${formatShape(a.shape)} and '${other}' of shape ${formatShape(b.shape)} differ beside axis ${axis}.`,
  );
}

function checkSplit({ name, sizes, names }: EditOf<'split'>, shape: Shape, axis: number): void {
  if (sizes.length !== names.length) {
    throw new InvalidArgumentError(`${sizes.length} sizes want as many names, got ${names.length}.`, { name });
  }
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total !== shape[axis]) {
    throw new InvalidArgumentError(`The sizes add up to ${total}; axis ${axis} of '${name}' has ${shape[axis] ?? 0}.`, {
      name,
    });
  }
  const seen = new Set<string>();
  for (const part of names) {
    checkNewName(part);
    if (seen.has(part)) throw new InvalidArgumentError(`Two parts would be called '${part}'.`, { name: part });
    seen.add(part);
  }
}
