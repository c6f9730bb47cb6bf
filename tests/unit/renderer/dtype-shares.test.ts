import { expect, test } from 'vitest';
import { dtypeShares } from '../../../renderer/document/dtype-shares.ts';

const total = (dtype: 'float32' | 'bfloat16' | 'int8' | 'bool', bytes: number) => ({
  dtype,
  tensors: 1,
  elements: 1,
  bytes,
});

test('few dtypes are all shown', () => {
  const shares = dtypeShares([total('float32', 8), total('int8', 1)], 2);
  expect(shares.map((share) => share.label)).toEqual(['float32', 'int8']);
});

test('of many, the smallest are taken together and nothing is lost', () => {
  const shares = dtypeShares([total('float32', 8), total('bfloat16', 4), total('int8', 2), total('bool', 1)], 3);
  expect(shares).toEqual([
    { label: 'float32', tensors: 1, bytes: 8 },
    { label: 'bfloat16', tensors: 1, bytes: 4 },
    { label: '2 others', tensors: 2, bytes: 3 },
  ]);
});
