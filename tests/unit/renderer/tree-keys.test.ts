import { expect, test } from 'vitest';
import { buildTree } from '../../../renderer/tree/build-tree.ts';
import { flatten } from '../../../renderer/tree/flatten.ts';
import { findTyped, type TreeCommand, treeCommand } from '../../../renderer/tree/tree-keys.ts';
import { allOf, listingOf } from './listing-of.ts';

const listing = listingOf(['a.x', 'a.y', 'bar', 'baz']);
const roots = buildTree(listing, allOf(listing));
const rows = flatten(roots, { collapsed: new Set(), order: (nodes) => nodes });

const press = (keys: string, active: number, collapsed: readonly string[] = []): TreeCommand | null => {
  const parts = keys.split('+');
  const key = parts.at(-1) === 'Space' ? ' ' : parts.at(-1)!;
  const event = {
    key,
    ctrlKey: parts.includes('Ctrl'),
    shiftKey: parts.includes('Shift'),
    altKey: parts.includes('Alt'),
    metaKey: false,
  };
  return treeCommand(event, { rows, active, collapsed: new Set(collapsed), page: 2 });
};
const move = (to: number, extend = false): TreeCommand => ({ kind: 'move', to, extend });

test.each<[string, number, TreeCommand | null]>([
  ['ArrowDown', 0, move(1)],
  ['ArrowDown', 4, move(4)],
  ['ArrowUp', 0, move(0)],
  ['Shift+ArrowDown', 1, move(2, true)],
  ['Home', 3, move(0)],
  ['End', 0, move(4)],
  ['PageDown', 0, move(2)],
  ['PageUp', 4, move(2)],
  ['ArrowLeft', 0, { kind: 'collapse', path: 'a' }],
  ['ArrowLeft', 2, move(0)],
  ['ArrowLeft', 3, null],
  ['ArrowRight', 0, move(1)],
  ['ArrowRight', 1, null],
  ['Enter', 1, { kind: 'open' }],
  ['Space', 1, { kind: 'open' }],
  ['Ctrl+Space', 1, { kind: 'toggle-selection' }],
  ['Ctrl+a', 1, { kind: 'select-all' }],
  ['Ctrl+s', 1, null],
  ['F2', 1, { kind: 'rename' }],
  ['Delete', 1, { kind: 'delete' }],
  ['b', 1, { kind: 'type', character: 'b' }],
  ['Alt+b', 1, null],
  ['Tab', 1, null],
])('%s on row %i', (keys, active, command) => {
  expect(press(keys, active)).toEqual(command);
});

test('a closed group opens to the right, and the left arrow goes to its parent', () => {
  expect(press('ArrowRight', 0, ['a'])).toEqual({ kind: 'expand', path: 'a' });
  expect(press('ArrowLeft', 0, ['a'])).toBeNull();
});

test('typing finds the next row that begins so, around the end', () => {
  expect(findTyped(rows, 0, 'b')).toBe(3);
  expect(findTyped(rows, 3, 'b')).toBe(4);
  expect(findTyped(rows, 4, 'b')).toBe(3);
  expect(findTyped(rows, 3, 'ba')).toBe(3);
  expect(findTyped(rows, 3, 'BAZ')).toBe(4);
  expect(findTyped(rows, 0, 'q')).toBe(-1);
});
