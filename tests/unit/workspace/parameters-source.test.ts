import { expect, test } from 'vitest';
import type { FileRegion, LazyTensor } from '../../../core/ndarray/lazy-tensor.ts';
import type { TensorEngine } from '../../../core/stats/engine.ts';
import { TensorSource } from '../../../core/workspace/parameters-source.ts';

const REGION: FileRegion = { path: '/m', offset: 64, nbytes: 24, stamp: { size: 100, mtimeMs: 1, ino: 1 } };
const PLAIN: LazyTensor = { dtype: 'float32', shape: [2, 3], region: REGION, steps: [] };

function sourceOf(tensor: LazyTensor, later: LazyTensor = tensor): TensorSource {
  let current = tensor;
  const source = new TensorSource(0, { engine: {} as TensorEngine, lazy: () => current, fileName: () => 'm' });
  current = later;
  return source;
}

test('elements that lie in the file as they are can be read there', () => {
  expect(sourceOf(PLAIN).region()).toEqual(REGION);
});

test.each<[string, LazyTensor]>([
  ['edited', { ...PLAIN, steps: [{ kind: 'scale', factor: 2 }] }],
  ['cast', { ...PLAIN, steps: [{ kind: 'cast', dtype: 'float16' }] }],
  ['packed', { ...PLAIN, packed: {} as NonNullable<LazyTensor['packed']> }],
  ['sparse', { ...PLAIN, sparse: {} as NonNullable<LazyTensor['sparse']> }],
  ['longer in the file', { ...PLAIN, region: { ...REGION, nbytes: 28 } }],
  ['empty', { ...PLAIN, shape: [0], region: { ...REGION, nbytes: 0 } }],
])('what is %s cannot', (_case, tensor) => {
  expect(sourceOf(tensor).region()).toBeNull();
});

test('the value counts as it is when it is asked', () => {
  expect(sourceOf(PLAIN, { ...PLAIN, steps: [{ kind: 'scale', factor: 2 }] }).region()).toBeNull();
  expect(sourceOf(PLAIN, { ...PLAIN, dtype: 'int32' }).region()).toBeNull();
});
