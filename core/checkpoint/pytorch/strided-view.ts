import { bytesFor, type DType } from '../../ndarray/dtype.ts';
import type { Shape } from '../../ndarray/shape.ts';
import type { PickleValue } from '../pickle/values.ts';
import { integerValue, itemsOf } from './python-values.ts';
import type { StorageReference, StridedView } from './tensor.ts';

type Fail = (problem: string) => never;

/** torch allows 64 dimensions in most of its kernels. */
const MAX_DIMENSIONS = 64;

export interface ViewArguments {
  readonly storage: StorageReference;
  readonly dtype: DType;
  readonly start: PickleValue | undefined;
  readonly shape: PickleValue | undefined;
  readonly strides: PickleValue | undefined;
}

/** Checks that all elements of a view lie within its storage. */
export function stridedView({ storage, dtype, ...values }: ViewArguments, fail: Fail): StridedView {
  const shape = shapeOf(values.shape, fail);
  const strides = sizesOf(values.strides, fail, 'strides');
  const start = integerValue(values.start) ?? -1;
  if (start < 0) fail('a tensor begins at no place in its storage');
  if (strides.length !== shape.length) fail(`a tensor of ${shape.length} dimensions has ${strides.length} strides`);
  const view = { storage, dtype, shape, strides, start };
  const end = lastElement(view) * bytesFor(dtype, 1);
  const stored = storage.size * bytesFor(storage.dtype, 1);
  if (!Number.isSafeInteger(end) || end > stored) {
    fail(`a tensor of shape (${shape.join(', ')}) reaches beyond its storage of ${stored} bytes`);
  }
  return view;
}

/** Elements from the storage's beginning to the end of the last that the view shows. */
function lastElement({ shape, strides, start }: Pick<StridedView, 'shape' | 'strides' | 'start'>): number {
  if (shape.includes(0)) return 0;
  return shape.reduce((last, size, axis) => last + (size - 1) * (strides[axis] ?? 0), start + 1);
}

/** @throws by `fail` where it is no list of sizes, or the elements are more than can be counted. */
export function shapeOf(value: PickleValue | undefined, fail: Fail): Shape {
  const shape = sizesOf(value, fail, 'shape');
  const count = shape.filter((size) => size > 0).reduce((product, size) => product * size, 16);
  if (!Number.isSafeInteger(count)) fail(`a tensor of shape (${shape.join(', ')}) has too many elements`);
  return shape;
}

function sizesOf(value: PickleValue | undefined, fail: Fail, what: string): number[] {
  const sizes = itemsOf(value)?.map((item) => integerValue(item) ?? -1);
  if (!sizes || sizes.some((size) => size < 0))
    return fail(`the ${what} of a tensor ${what === 'shape' ? 'is' : 'are'} malformed`);
  if (sizes.length > MAX_DIMENSIONS) return fail(`a tensor has ${sizes.length} dimensions`);
  return sizes;
}

/** Whether its elements lie one after the other in C order. */
export function isContiguous({ shape, strides }: Pick<StridedView, 'shape' | 'strides'>): boolean {
  if (shape.includes(0)) return true;
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis] ?? 1;
    if (size === 1) continue;
    if (strides[axis] !== expected) return false;
    expected *= size;
  }
  return true;
}
