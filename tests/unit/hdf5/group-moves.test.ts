import { expect, test } from 'vitest';
import { groupMoves } from '../../../core/checkpoint/hdf5/write/group-moves.ts';

function moves(...changes: readonly (readonly [from: string, to: string | null])[]): Record<string, string> {
  return Object.fromEntries(groupMoves(changes.map(([from, to]) => ({ from, to }))));
}

test('a group moves where all its tensors do', () => {
  expect(moves(['/a/x', '/b/x'], ['/a/y', '/b/y'])).toEqual({ '/a': '/b' });
  expect(moves(['/a/b/x', '/c/d/x'], ['/e/x', '/e/x'])).toEqual({ '/a': '/c', '/a/b': '/c/d' });
  expect(moves(['/a/x', '/b/x'], ['/b/x', '/a/x'])).toEqual({ '/a': '/b', '/b': '/a' });
});

test('a group stays where one of its tensors stays, goes elsewhere, goes deeper or goes for good', () => {
  expect(moves(['/a/x', '/b/x'], ['/a/y', '/a/y'])).toEqual({});
  expect(moves(['/a/x', '/b/x'], ['/a/y', '/c/y'])).toEqual({});
  expect(moves(['/a/x', '/b/c/x'])).toEqual({});
  expect(moves(['/a/x', '/b/x'], ['/a/y', null])).toEqual({});
});

test('two groups do not become one', () => {
  expect(moves(['/a/x', '/c/x'], ['/b/y', '/c/y'])).toEqual({});
  expect(moves(['/a/x', '/b/x'], ['/b/y', '/b/y'])).toEqual({});
});
