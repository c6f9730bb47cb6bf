import { InvalidArgumentError, ShapeMismatchError } from '../../errors.ts';
import type { Derivation, LazyTensor } from '../../ndarray/lazy-tensor.ts';
import { resultDType } from '../../ndarray/lazy-tensor.ts';
import { elementCount, formatShape, type Shape, stridesOf } from '../../ndarray/shape.ts';
import { parseSlice } from '../../ndarray/slice.ts';
import type { EditOf } from '../edits.ts';
import type { DocumentState } from '../state/document-state.ts';
import type { TensorState } from '../state/tensor-state.ts';
import { checkUnpacked } from './elementwise.ts';
import { derivedValue, newTensor, reshapedValue, withOwnValue } from './own-values.ts';
import type { PlannedEdit } from './planned-edit.ts';

export function planReshape(state: DocumentState, { name, shape }: EditOf<'reshape'>): PlannedEdit {
  const { before, source } = sourceOf(state, name);
  const wanted = completeShape(shape, source);
  const view = { kind: 'view', start: 0, strides: stridesOf(wanted) } as const;
  const label = `Reshape ${name} to ${formatShape(wanted)}`;
  const after = reshapedValue(state, before, { shape: wanted, label });
  if (after) return { label, tensors: 1, change: { tensors: [{ before, after }], metadata: null } };
  return replacing(state, before, { lazy: viewOf(state, source, { view, shape: wanted }), label });
}

export function planTranspose(state: DocumentState, { name, axes }: EditOf<'transpose'>): PlannedEdit {
  const { before, source } = sourceOf(state, name);
  const order = completeAxes(axes, source.shape);
  const strides = stridesOf(source.shape);
  const shape = order.map((axis) => source.shape[axis] ?? 1);
  const view = { kind: 'view', start: 0, strides: order.map((axis) => strides[axis] ?? 0) } as const;
  const label = `Transpose ${name} by (${order.join(', ')})`;
  return replacing(state, before, { lazy: viewOf(state, source, { view, shape }), label });
}

export function planSlice(state: DocumentState, { name, slice, to }: EditOf<'slice'>): PlannedEdit {
  const { before, source } = sourceOf(state, name);
  const lazy = sliceOf(state, source, slice);
  if (to === undefined) return replacing(state, before, { lazy, label: `Slice ${name}[${slice}]` });
  const label = `Slice ${name}[${slice}] into ${to}`;
  const after = newTensor(state, to, { lazy, label, after: before });
  return { label, tensors: 1, change: { tensors: [{ before: null, after }], metadata: null } };
}

/** The elements that a basic slice takes; integers take their axes away. */
function sliceOf(state: DocumentState, source: LazyTensor, slice: string): LazyTensor {
  const { ranges, removedAxes, shape } = parseSlice(slice, source.shape);
  const strides = stridesOf(source.shape);
  const isEmpty = elementCount(shape) === 0;
  const start = ranges.reduce((sum, range, axis) => sum + range.start * (strides[axis] ?? 0), 0);
  const kept = ranges.flatMap(({ step }, axis) => (removedAxes.includes(axis) ? [] : [step * (strides[axis] ?? 0)]));
  return viewOf(state, source, { view: { kind: 'view', start: isEmpty ? 0 : start, strides: kept }, shape });
}

/** Of `name` all that a view needs. Throws `NotFoundError`, and `UnsupportedDTypeError` for elements that share bytes. */
export function sourceOf(state: DocumentState, name: string): { before: TensorState; source: LazyTensor } {
  const before = state.byName(name);
  checkUnpacked(before);
  return { before, source: state.lazy(before.id) };
}

export function viewOf(
  state: DocumentState,
  source: LazyTensor,
  { view, shape }: { readonly view: Extract<Derivation, { kind: 'view' }>; readonly shape: Shape },
): LazyTensor {
  return derivedValue(state, { dtype: resultDType(source), shape, derived: { derivation: view, sources: [source] } });
}

function replacing(
  state: DocumentState,
  before: TensorState,
  value: { readonly lazy: LazyTensor; readonly label: string },
): PlannedEdit {
  const after = withOwnValue(state, before, value);
  return { label: value.label, tensors: 1, change: { tensors: [{ before, after }], metadata: null } };
}

/** With -1 replaced. Throws `ShapeMismatchError`. */
function completeShape(shape: readonly number[], source: LazyTensor): number[] {
  const total = elementCount(source.shape);
  const known = elementCount(shape.filter((size) => size !== -1));
  const open = shape.filter((size) => size === -1).length;
  if (open > 1) throw new InvalidArgumentError(`Only one size of ${formatShape(shape)} may be -1.`);
  const completed = shape.map((size) => (size === -1 ? total / known : size));
  if (elementCount(completed) === total && completed.every(Number.isInteger)) return completed;
  throw new ShapeMismatchError(
    `${total} elements of shape ${formatShape(source.shape)} cannot be reshaped to ${formatShape(shape)}.`,
  );
}

function completeAxes(axes: readonly number[] | undefined, shape: Shape): number[] {
  const rank = shape.length;
  const order = axes?.map((axis) => (axis < 0 ? axis + rank : axis)) ?? shape.map((_, axis) => rank - 1 - axis);
  const isPermutation = order.length === rank && shape.every((_, axis) => order.includes(axis));
  if (isPermutation) return order;
  throw new InvalidArgumentError(
    `(${(axes ?? []).join(', ')}) does not name each of the ${rank} axes of shape ${formatShape(shape)} once.`,
  );
}
