import { tokenOfDType } from '../../checkpoint/safetensors/dtypes.ts';
import { InvalidArgumentError, UnsupportedDTypeError } from '../../errors.ts';
import { type DType, groupElements, isPacked, isQuantizable, isQuantized } from '../../ndarray/dtype.ts';
import type { TensorStep } from '../../ndarray/lazy-tensor.ts';
import { encodeScalar } from '../../ndarray/scalar.ts';
import { formatShape } from '../../ndarray/shape.ts';
import type { DocumentState } from '../state/document-state.ts';
import { type TensorState, withStep } from '../state/tensor-state.ts';
import { type PlannedEdit, tensorsLabel } from './planned-edit.ts';
import { selectTensors } from './select.ts';

type Select = string | string[];

/** Tensors that have the dtype already are left as they are. */
export function planCast(state: DocumentState, { select, dtype }: { select: Select; dtype: DType }): PlannedEdit {
  const tensors = selectTensors(state, select);
  if (isQuantizable(dtype)) return planQuantize(tensors, { state, dtype });
  checkCastable(dtype);
  const converted = tensors.filter((tensor) => tensor.dtype !== dtype);
  return stepping(converted, `Cast ${label(tensors)} to ${dtype}`, () => ({ kind: 'cast', dtype }));
}

/** Throws `UnsupportedDTypeError` for dtypes that no cast leads to. */
export function checkCastable(dtype: DType): void {
  if (isQuantized(dtype)) {
    throw new UnsupportedDTypeError(
      `Casting to ${dtype} is not supported: its elements are stored in blocks. Choose float16 or bfloat16, or q8_0, which GGUF files can hold.`,
      { dtype },
    );
  }
  if (isPacked(dtype)) {
    throw new UnsupportedDTypeError(
      `Casting to ${dtype} is not supported: its elements share bytes. Choose a dtype of whole bytes, such as float8_e4m3fn.`,
      { dtype },
    );
  }
  if (tokenOfDType(dtype) === undefined) {
    throw new UnsupportedDTypeError(`Casting to ${dtype} is not supported: safetensors files cannot store it.`, {
      dtype,
    });
  }
}

/** A block lies in one row, so that rows have to be whole blocks. */
function planQuantize(
  tensors: readonly TensorState[],
  { state, dtype }: { readonly state: DocumentState; readonly dtype: 'q8_0' },
): PlannedEdit {
  const group = groupElements(dtype);
  for (const { id, name } of tensors) {
    const { shape } = state.entry(id);
    if (shape.length > 0 && (shape.at(-1) ?? 0) % group === 0) continue;
    throw new UnsupportedDTypeError(
      `Tensor '${name}' of shape ${formatShape(shape)} cannot be cast to ${dtype}: its rows have to be multiples of ${group} elements. Leave it out, or cast it to float16.`,
      { name, dtype },
    );
  }
  const converted = tensors.filter((tensor) => tensor.dtype !== dtype);
  return stepping(converted, `Cast ${label(tensors)} to ${dtype}`, () => ({ kind: 'cast', dtype }));
}

export function planFill(state: DocumentState, { select, value }: { select: Select; value: string }): PlannedEdit {
  const tensors = selectTensors(state, select);
  for (const tensor of tensors) checkUnpacked(tensor);
  return stepping(tensors, `Fill ${label(tensors)} with ${value}`, ({ name, dtype }) => ({
    kind: 'fill',
    element: base64(encodeNamed(name, value, dtype)),
  }));
}

export function planScale(state: DocumentState, { select, factor }: { select: Select; factor: number }): PlannedEdit {
  const tensors = selectTensors(state, select);
  for (const tensor of tensors) checkUnpacked(tensor);
  return stepping(tensors, `Scale ${label(tensors)} by ${factor}`, () => ({ kind: 'scale', factor }));
}

/** Single elements of packed types share bytes with their neighbours. Throws `UnsupportedDTypeError`. */
export function checkUnpacked({ name, dtype }: TensorState): void {
  if (!isPacked(dtype)) return;
  throw new UnsupportedDTypeError(
    `Tensor '${name}' is ${dtype}, whose elements share bytes${isQuantized(dtype) ? ' and scales' : ''} and cannot be changed one by one. Cast it first, for example to float32.`,
    { name, dtype },
  );
}

/** Storage bytes of `value`; an error says which tensor wanted it. */
export function encodeNamed(name: string, value: string, dtype: DType): Uint8Array {
  try {
    return encodeScalar(value, dtype);
  } catch (error) {
    if (error instanceof InvalidArgumentError) {
      throw new InvalidArgumentError(`Tensor '${name}' (${dtype}): ${error.message}`, { ...error.details, name });
    }
    throw error;
  }
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

function stepping(
  tensors: readonly TensorState[],
  label: string,
  stepFor: (tensor: TensorState) => TensorStep,
): PlannedEdit {
  const changes = tensors.map((before) => ({ before, after: withStep(before, stepFor(before), label) }));
  return { label, tensors: changes.length, change: { tensors: changes, metadata: null } };
}

function label(tensors: readonly TensorState[]): string {
  return tensorsLabel(tensors.map(({ name }) => name));
}
