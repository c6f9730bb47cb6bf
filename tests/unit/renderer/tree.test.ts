import { describe, expect, test } from 'vitest';
import { buildTree, labelOf, type TreeNode } from '../../../renderer/tree/build-tree.ts';
import { flatten, groupPaths, parentRow, tensorsBelow } from '../../../renderer/tree/flatten.ts';
import { selectRows } from '../../../renderer/tree/select-rows.ts';
import { compareNatural, sorted } from '../../../renderer/tree/sort.ts';
import { allOf, listingOf } from './listing-of.ts';

type Names = Parameters<typeof listingOf>[0];

const treeOf = (tensors: Names): readonly TreeNode[] => {
  const listing = listingOf(tensors);
  return buildTree(listing, allOf(listing));
};
const rowsOf = (tensors: Names, collapsed: readonly string[] = []) =>
  flatten(treeOf(tensors), { collapsed: new Set(collapsed), order: (nodes) => nodes });
const drawn = (tensors: Names, collapsed?: readonly string[]): string[] =>
  rowsOf(tensors, collapsed).map(({ node, level }) => '  '.repeat(level - 1) + labelOf(node));

describe('nesting', () => {
  test('names nest by dots and slashes', () => {
    expect(drawn(['a.x', 'a.b/y', 'a.b/z', 'c'])).toEqual(['a', '  x', '  b', '    y', '    z', 'c']);
  });

  test('a chain of single children is one row', () => {
    expect(drawn(['lm_head.weight', 'model.layers.0.w', 'model.layers.1.w'])).toEqual([
      'lm_head.weight',
      'model.layers',
      '  0.w',
      '  1.w',
    ]);
  });

  test('a group whose names do not lie side by side is still one group', () => {
    expect(drawn(['a.x', 'b.x', 'a.y', 'b.y'])).toEqual(['a', '  x', '  y', 'b', '  x', '  y']);
  });

  test('a tensor may bear the name of a group, and dots and slashes make groups of their own', () => {
    expect(drawn(['a', 'a.x', 'a.y', 'a/x', 'a/y'])).toEqual(['a', 'a', '  x', '  y', 'a', '  x', '  y']);
  });

  test.each(['', '.', '..', 'a.', '.a', 'a..b', '/'])('the odd name %j is shown and keeps its path', (name) => {
    const [row] = rowsOf([name]);
    expect(row?.node.path).toBe(name);
    expect(labelOf(row!.node)).not.toBe('');
  });

  test('thousands of dots do not nest without end', () => {
    const deep = Array.from({ length: 5000 }, (_, i) => `d${i}`).join('.');
    const rows = rowsOf([`${deep}.a`, `${deep}.b`]);
    expect(rows.map((row) => row.node.tensor)).toEqual([-1, 0, 1]);
  });

  test('a group knows how many tensors and bytes it holds, and their dtype where it is one', () => {
    const [group] = treeOf([
      { name: 'g.a', bytes: 10, dtype: 'bfloat16' },
      { name: 'g.b.c', bytes: 20, dtype: 'bfloat16' },
      { name: 'g.b.d', bytes: 2 ** 40, dtype: 'int8' },
    ]);
    expect(group).toMatchObject({ tensors: 3, bytes: 2 ** 40 + 30, dtype: null });
    expect(group?.children[1]).toMatchObject({ tensors: 2, dtype: null });
    expect(group?.children[0]).toMatchObject({ tensors: 1, bytes: 10, dtype: 'bfloat16' });
    expect(tensorsBelow(group!)).toEqual([0, 1, 2]);
  });

  test('200,000 tensors keep every name, once, in order', () => {
    const names = Array.from({ length: 200_000 }, (_, i) => `model.layers.${Math.floor(i / 10)}.expert.${i % 10}.w`);
    const rows = rowsOf(names);
    const tensors = rows.filter((row) => row.node.tensor >= 0);
    expect(tensors.map((row) => row.node.path)).toEqual(names);
    expect(rows).toHaveLength(200_000 + 20_000 + 1);
    expect(rows[0]?.node).toMatchObject({ path: 'model.layers', tensors: 200_000 });
  });
});

describe('flattening', () => {
  test('a collapsed group hides what is below it', () => {
    expect(drawn(['a.x', 'a.b.y', 'a.b.z', 'c'], ['a.b'])).toEqual(['a', '  x', '  b', 'c']);
    expect(drawn(['a.x', 'a.b.y', 'a.b.z', 'c'], ['a'])).toEqual(['a', 'c']);
  });

  test('rows tell their place among their siblings, and their parent is found', () => {
    const rows = rowsOf(['a.x', 'a.b.y', 'a.b.z', 'c']);
    expect(rows.map(({ level, position, setSize }) => [level, position, setSize])).toEqual([
      [1, 1, 2],
      [2, 1, 2],
      [2, 2, 2],
      [3, 1, 2],
      [3, 2, 2],
      [1, 2, 2],
    ]);
    expect(rows.map((_, i) => parentRow(rows, i))).toEqual([-1, 0, 0, 2, 2, -1]);
  });

  test('collapsing all leaves the outermost rows', () => {
    const tensors = ['a.x', 'a.b.y', 'a.b.z', 'c'];
    expect(drawn(tensors, [...groupPaths(treeOf(tensors))])).toEqual(['a', 'c']);
  });
});

describe('sorting', () => {
  const listing = listingOf([
    { name: 'l.10', bytes: 5, dtype: 'int8' },
    { name: 'l.2', bytes: 5, dtype: 'bfloat16' },
    { name: 'bias', bytes: 9, dtype: 'bfloat16' },
    { name: 'l.norm.weight', bytes: 7, dtype: 'float32' },
  ]);
  const [group, bias] = buildTree(listing, allOf(listing));
  const labels = (nodes: readonly TreeNode[]): string[] => nodes.map(labelOf);

  test.each([
    ['file', ['10', '2', 'norm.weight']],
    ['name', ['2', '10', 'norm.weight']],
    ['size', ['norm.weight', '2', '10']],
    ['dtype', ['2', 'norm.weight', '10']],
    ['kind', ['norm.weight', '2', '10']],
  ] as const)('by %s: %j', (order, expected) => {
    expect(labels(sorted(group!.children, order, listing))).toEqual(expected);
  });

  test('by size a group counts with all that it holds', () => {
    expect(labels(sorted([bias!, group!], 'size', listing))).toEqual(['l', 'bias']);
  });

  test.each([
    ['a2', 'a10', -1],
    ['a02', 'a2', 1],
    ['a', 'a1', -1],
    ['10', '9', 1],
    ['layer.99999999999999999999', 'layer.100000000000000000000', -1],
    ['same', 'same', 0],
  ])('%s against %s', (a, b, sign) => {
    expect(Math.sign(compareNatural(a, b))).toBe(sign);
    expect(Math.sign(compareNatural(b, a))).toBe(sign === 0 ? 0 : -sign);
  });
});

describe('selecting', () => {
  const listing = listingOf(['a.x', 'a.y', 'b', 'c']);
  const rows = flatten(buildTree(listing, allOf(listing)), { collapsed: new Set(), order: (nodes) => nodes });
  const context = { rows, ids: listing.ids, before: { ids: new Set([102]), shown: 102 } };

  test('one tensor is selected and shown', () => {
    expect(selectRows({ from: 1, to: 1, mode: 'one' }, context)).toEqual({ ids: new Set([100]), shown: 100 });
  });

  test('a group selects all tensors below it and shows none', () => {
    expect(selectRows({ from: 0, to: 0, mode: 'one' }, context)).toEqual({ ids: new Set([100, 101]), shown: null });
  });

  test('a range goes either way', () => {
    const expected = { ids: new Set([101, 102, 103]), shown: null };
    expect(selectRows({ from: 2, to: 4, mode: 'range' }, context)).toEqual(expected);
    expect(selectRows({ from: 4, to: 2, mode: 'range' }, context)).toEqual(expected);
  });

  test('toggling adds and takes away', () => {
    expect(selectRows({ from: 4, to: 4, mode: 'toggle' }, context).ids).toEqual(new Set([102, 103]));
    expect(selectRows({ from: 3, to: 3, mode: 'toggle' }, context)).toEqual({ ids: new Set(), shown: null });
  });
});
