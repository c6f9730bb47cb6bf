import type { Entry } from '../../checkpoint/checkpoint.ts';
import { InvalidArgumentError } from '../../errors.ts';
import { bytesFor, type DType } from '../../ndarray/dtype.ts';
import type { DerivedTensor, LazyTensor } from '../../ndarray/lazy-tensor.ts';
import { elementCount, type Shape } from '../../ndarray/shape.ts';
import type { DocumentState } from '../state/document-state.ts';
import { type TensorState, withValue } from '../state/tensor-state.ts';
import { checkNewName } from './names.ts';

/** A value made of others, which stands on `file` until it is evaluated. */
export function derivedValue(
  state: DocumentState,
  { dtype, shape, derived }: { readonly dtype: DType; readonly shape: Shape; readonly derived: DerivedTensor },
): LazyTensor {
  const nbytes = bytesFor(dtype, elementCount(shape));
  // A draw has no source: it stands on the document's own file.
  const { path, stamp } = derived.sources[0]?.region ?? state.file;
  return { dtype, shape, region: { path, stamp, offset: 0, nbytes }, derived, steps: [] };
}

/** What `before` becomes with `lazy` for its value; its place in the file, where it has one, stays. */
export function withOwnValue(
  state: DocumentState,
  before: TensorState,
  { lazy, label }: { readonly lazy: LazyTensor; readonly label: string },
): TensorState {
  const { name, file, offset } = state.entry(before.id);
  const entry = entryOf(lazy, { name, file, offset });
  return withValue(before, { lazy, entry, after: before.value?.after ?? null }, label);
}

/** The same value in another shape of as many elements, where that asks for no other bytes; null where it does. */
export function reshapedValue(
  state: DocumentState,
  before: TensorState,
  { shape, label }: { readonly shape: Shape; readonly label: string },
): TensorState | null {
  const { derived, packed, sparse, ...lazy } = state.lazy(before.id);
  // Which elements a step sets it says by their indices.
  if (derived || packed || sparse || lazy.steps.some(({ kind }) => kind === 'set')) return null;
  const after = withOwnValue(state, before, { lazy: { ...lazy, shape, steps: [] }, label });
  const { dtype } = before;
  return { ...after, dtype, steps: { step: { kind: 'cast', dtype }, label, previous: before.steps } };
}

interface NewTensor {
  readonly lazy: LazyTensor;
  readonly label: string;
  /** Which it comes after; null for the end. */
  readonly after: TensorState | null;
  /** Those that the same edit takes away, whose names are free. */
  readonly leaving?: readonly TensorState[];
}

/** A tensor that the document does not have yet. Throws `InvalidArgumentError` for a name that cannot be or is taken. */
export function newTensor(
  state: DocumentState,
  name: string,
  { lazy, label, after, leaving = [] }: NewTensor,
): TensorState {
  checkNewName(name);
  if (state.has(name) && !leaving.some((tensor) => tensor.name === name)) {
    throw new InvalidArgumentError(`There is a tensor named '${name}' already: choose another name, or replace it.`, {
      name,
    });
  }
  const file = after ? fileOf(state, after) : state.lastFile;
  // No byte of the file is its own: no offset that a tensor of the file could have.
  const entry = entryOf(lazy, { name, file, offset: -1 });
  return withValue({ id: state.newId(), name }, { lazy, entry, after: after?.id ?? null }, label);
}

/** One that the same edit makes is not in the document yet. */
function fileOf(state: DocumentState, { id, value }: TensorState): number {
  return (value?.entry ?? state.entry(id)).file;
}

function entryOf({ dtype, shape }: LazyTensor, place: Pick<Entry, 'name' | 'file' | 'offset'>): Entry {
  return { ...place, dtype, shape, nbytes: bytesFor(dtype, elementCount(shape)) };
}
