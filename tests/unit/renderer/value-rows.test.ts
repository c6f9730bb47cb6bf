import { describe, expect, it } from 'vitest';
import type { OtherValue } from '../../../renderer/contract.ts';
import { valueRows, valueTreeCommand } from '../../../renderer/document/value-rows.ts';

const leaf = (key: string): OtherValue => ({ key, kind: 'number', text: '1', type: null, children: [], left: 0 });
const root = {
  children: [
    { ...leaf('args'), kind: 'mapping' as const, children: [leaf('lr'), leaf('seed')], left: 3 },
    leaf('epoch'),
  ],
  left: 2,
};

function rowsOf(expanded: ReadonlySet<string>) {
  return valueRows(root, expanded);
}

describe('the rows of the other values', () => {
  it('are those of the top while everything is closed, with what was left out', () => {
    const rows = rowsOf(new Set());
    expect(rows.map(({ path, value, left }) => [path, value?.key ?? left])).toEqual([
      ['/0', 'args'],
      ['/1', 'epoch'],
      ['/…', 2],
    ]);
    expect(rows.map(({ place, siblings }) => [place, siblings])).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
  });

  it('have those of an open value under it', () => {
    expect(rowsOf(new Set(['/0'])).map(({ path, depth }) => [path, depth])).toEqual([
      ['/0', 1],
      ['/0/0', 2],
      ['/0/1', 2],
      ['/0/…', 2],
      ['/1', 1],
      ['/…', 1],
    ]);
  });
});

describe('a key in the tree of other values', () => {
  const closed = new Set<string>();
  const open = new Set(['/0']);
  const command = (key: string, active: number, expanded: ReadonlySet<string>) =>
    valueTreeCommand(key, { rows: rowsOf(expanded), active, expanded });

  it.each([
    ['ArrowDown', 0, closed, { kind: 'move', to: 1 }],
    ['ArrowDown', 2, closed, null],
    ['ArrowUp', 0, closed, null],
    ['End', 0, open, { kind: 'move', to: 5 }],
    ['Home', 3, open, { kind: 'move', to: 0 }],
    ['ArrowRight', 0, closed, { kind: 'expand', path: '/0' }],
    ['ArrowRight', 0, open, { kind: 'move', to: 1 }],
    ['ArrowRight', 1, closed, null],
    ['ArrowLeft', 0, open, { kind: 'collapse', path: '/0' }],
    ['ArrowLeft', 2, open, { kind: 'move', to: 0 }],
    ['ArrowLeft', 1, closed, null],
    ['Enter', 0, closed, { kind: 'expand', path: '/0' }],
    [' ', 0, open, { kind: 'collapse', path: '/0' }],
    ['x', 0, open, null],
  ] as const)('%s on row %i', (key, active, expanded, expected) => {
    expect(command(key, active, expanded)).toEqual(expected);
  });
});
