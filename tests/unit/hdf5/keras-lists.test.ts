import { expect, test } from 'vitest';
import type { ValueNode } from '../../../core/checkpoint/checkpoint.ts';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import { openedFixture } from './support.ts';

/** The lists by which Keras finds weights, by the paths of their groups. */
async function listsOf(path: string): Promise<Record<string, string[]>> {
  const lists: Record<string, string[]> = {};
  const visit = ({ key, children = [] }: ValueNode, at: string): void => {
    if (/^(layer|weight)_names$/.test(key)) lists[`${at}@${key}`] = children.map(({ text }) => text);
    else for (const child of children) visit(child, `${at}/${key}`);
  };
  for (const node of (await openCheckpoint(path)).values ?? []) visit(node, '');
  return lists;
}

const DENSE = '/model_weights/dense/sequential/dense';

test('Keras finds weights under their new names, and none that is gone', async () => {
  const { document, path } = await openedFixture('keras/tf_legacy.h5');
  const before = await listsOf(path);
  await document.edit({ kind: 'rename', from: `${DENSE}/kernel`, to: `${DENSE}/kernel:0` });
  await document.edit({ kind: 'delete', select: `${DENSE}/bias` });
  await document.edit({ kind: 'copy', source: { tensor: `${DENSE}/kernel:0` }, name: `${DENSE}/second` });
  await document.save();
  expect(await listsOf(path)).toEqual({
    ...before,
    '/model_weights/dense@weight_names': ['sequential/dense/kernel:0', 'sequential/dense/second'],
  });
});

test('a layer whose weights are all renamed in one part of their paths is renamed with what it says of itself', async () => {
  const { document, path } = await openedFixture('keras/tf_legacy.h5');
  const before = await listsOf(path);
  await document.edit({ kind: 'rename-pattern', pattern: 'dense_1', replacement: 'head' });
  await document.save();
  const { '/model_weights/dense_1@weight_names': _, ...others } = before;
  expect(await listsOf(path)).toEqual({
    ...others,
    '/model_weights@layer_names': ['conv2d', 'flatten', 'dense', 'head'],
    '/model_weights/head@weight_names': ['sequential/head/kernel', 'sequential/head/bias'],
  });
});

test('layers that swap their names keep their own lists', async () => {
  const { document, path } = await openedFixture('keras/tf_legacy.h5');
  const swaps = [
    ['/model_weights/conv2d/', '/model_weights/swap/'],
    ['/model_weights/dense/', '/model_weights/conv2d/'],
    ['/model_weights/swap/', '/model_weights/dense/'],
  ] as const;
  for (const [pattern, replacement] of swaps) await document.edit({ kind: 'rename-pattern', pattern, replacement });
  await document.save();
  const lists = await listsOf(path);
  expect(lists['/model_weights@layer_names']).toEqual(['dense', 'flatten', 'conv2d', 'dense_1']);
  expect(lists['/model_weights/dense@weight_names']).toEqual(['sequential/conv2d/kernel', 'sequential/conv2d/bias']);
});
