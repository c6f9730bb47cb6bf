import { basename, resolve } from 'node:path';
import type { Checkpoint } from '../../checkpoint/checkpoint.ts';
import { lazyEntry } from '../../checkpoint/lazy-entry.ts';
import { InvalidArgumentError, NotFoundError, ShapeMismatchError, UnsupportedDTypeError } from '../../errors.ts';
import { type DType, isPacked } from '../../ndarray/dtype.ts';
import type { LazyTensor } from '../../ndarray/lazy-tensor.ts';
import { elementCount, formatShape, type Shape, stridesOf } from '../../ndarray/shape.ts';
import type { EditOf, TensorSourceName } from '../edits.ts';
import type { DocumentState } from '../state/document-state.ts';
import { nearestName } from '../state/nearest-name.ts';
import { SAME_EDIT, type TensorState, withStep } from '../state/tensor-state.ts';
import { checkCastable } from './elementwise.ts';
import { freeName } from './names.ts';
import { newTensor, withOwnValue } from './own-values.ts';
import type { PlanContext } from './plan-context.ts';
import type { PlannedEdit } from './planned-edit.ts';
import { viewOf } from './reshape.ts';

/** Puts the value of a tensor of this document, or of another file, under a name. */
export async function planCopy(state: DocumentState, edit: EditOf<'copy'>, context: PlanContext): Promise<PlannedEdit> {
  const { lazy: value, source } = await sourceValue(state, edit.source, context);
  const taken = state.has(edit.name) ? state.byName(edit.name) : null;
  const target = edit.collision === 'rename' ? null : taken;
  if (target && edit.collision === 'refuse') throw collision(edit.name);
  const name = freeName(edit.name, (candidate) => edit.collision === 'rename' && state.has(candidate));
  const label = `Copy ${describe(source)} to ${name}`;
  const { steps, ...stored } = shaped(state, value, { edit, target });
  const lazy = { ...stored, steps: [] };
  const own = target
    ? withOwnValue(state, target, { lazy, label })
    : newTensor(state, name, { lazy, label, after: null });
  const after = steps.reduce((tensor, step) => withStep(tensor, step, SAME_EDIT), own);
  const cast = castOf(edit, target) ?? after.dtype;
  const changed = cast === after.dtype ? after : withStep(after, { kind: 'cast', dtype: cast }, SAME_EDIT);
  const change = { tensors: [{ before: target, after: changed }], metadata: null };
  return { label, tensors: 1, change, edit: { ...edit, source } };
}

interface Sourced {
  readonly lazy: LazyTensor;
  /** With the state of the file. */
  readonly source: TensorSourceName;
}

/**
 * The value that `source` names, as it is now.
 *
 * @throws NotFoundError with the nearest name.
 * @throws FileChangedError where the file is not in the state that was recorded.
 * @throws UnsupportedDTypeError where elements share bytes.
 */
export async function sourceValue(
  state: DocumentState,
  source: TensorSourceName,
  { sources, edited }: PlanContext,
): Promise<Sourced> {
  if (source.document !== undefined) throw new TypeError('Documents are resolved to files before edits are planned.');
  if (source.edited !== undefined) {
    const file = edited[source.edited];
    return { lazy: currentValue(await sources.edited(file), source.tensor), source };
  }
  if (source.file === undefined) return { lazy: currentValue(state, source.tensor), source };
  const path = resolve(source.file);
  const { checkpoint, stamp } = await sources.file(path, source.stamp);
  const lazy = entryValue(checkpoint, source.tensor);
  return { lazy, source: { tensor: source.tensor, file: path, stamp } };
}

function currentValue(state: DocumentState, tensor: string): LazyTensor {
  const { id, name, dtype } = state.byName(tensor);
  checkWhole(name, dtype);
  return state.lazy(id);
}

function entryValue(checkpoint: Checkpoint, name: string): LazyTensor {
  const entry = checkpoint.find(name);
  if (entry) {
    checkWhole(name, entry.dtype);
    return lazyEntry(checkpoint, entry);
  }
  const near = nearestName(
    name,
    checkpoint.entries.map((other) => other.name),
  );
  const hint = near === null ? '' : ` Did you mean '${near}'?`;
  throw new NotFoundError(`${basename(checkpoint.path)} has no tensor named '${name}'.${hint}`, { name });
}

function shaped(
  state: DocumentState,
  lazy: LazyTensor,
  { edit, target }: { readonly edit: EditOf<'copy'>; readonly target: TensorState | null },
): LazyTensor {
  // Elements of blocks have no steps of their own: those stay within a value that is made of them.
  if (edit.shape === 'source') return isPacked(lazy.dtype) ? reshaped(state, lazy, lazy.shape) : lazy;
  if (!target) throw noTarget(edit.name, 'shape');
  const { shape } = state.entry(target.id);
  if (elementCount(shape) !== elementCount(lazy.shape)) {
    throw new ShapeMismatchError(
      `The ${elementCount(lazy.shape)} elements of shape ${formatShape(lazy.shape)} do not fit '${edit.name}' of shape ${formatShape(shape)}.`,
    );
  }
  return reshaped(state, lazy, shape);
}

function reshaped(state: DocumentState, lazy: LazyTensor, shape: Shape): LazyTensor {
  return viewOf(state, lazy, { view: { kind: 'view', start: 0, strides: stridesOf(shape) }, shape });
}

function castOf({ dtype, name }: EditOf<'copy'>, target: TensorState | null): DType | null {
  if (dtype === 'source') return null;
  if (dtype !== 'target') {
    checkCastable(dtype);
    return dtype;
  }
  if (!target) throw noTarget(name, 'dtype');
  return target.dtype;
}

function noTarget(name: string, what: 'dtype' | 'shape'): InvalidArgumentError {
  return new InvalidArgumentError(
    `There is no tensor '${name}' whose ${what} could be taken: name it, or keep the source's.`,
  );
}

function collision(name: string): InvalidArgumentError {
  return new InvalidArgumentError(
    `There is a tensor named '${name}' already: replace it, or copy under another name.`,
    { name },
  );
}

function describe({ tensor, file }: TensorSourceName): string {
  return file === undefined ? tensor : `${tensor} of ${basename(file)}`;
}

function checkWhole(name: string, dtype: DType): void {
  if (!isPacked(dtype)) return;
  throw new UnsupportedDTypeError(
    `Tensor '${name}' is ${dtype}, whose elements share bytes, and cannot be copied as it is. Cast it in its own file first, for example to float16.`,
    { name, dtype },
  );
}
