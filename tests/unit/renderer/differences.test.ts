import { describe, expect, it, test } from 'vitest';
import { coordinatesOf as hostCoordinates } from '../../../core/ndarray/shape.ts';
import { formatCosine, formatShortFigure } from '../../../renderer/compare/figures.ts';
import { coordinatesOf, formatPlace } from '../../../renderer/compare/place.ts';
import { countsOf, keyOf, labelOf, nameOf, rowsToShow } from '../../../renderer/compare/rows.ts';
import type { ComparedKind, ComparisonFigures, ComparisonRow } from '../../../renderer/contract.ts';
import type { ComparisonView } from '../../../renderer/store/comparisons.ts';

let lastId = 0;

function row(kind: ComparedKind, [was, is]: [string | null, string | null], diff: Partial<ComparisonFigures> | null) {
  const side = (name: string | null) =>
    name === null ? null : { id: ++lastId, name, dtype: 'float32', shape: [2, 3] };
  const none = { maxAbs: null, meanAbs: null, relL2: null, cosine: null, firstIndex: null, maxIndex: null };
  const figures = diff && { ...none, changedCount: 0, nans: { a: 0, b: 0, both: 0 }, ...diff };
  return { kind, before: side(was), after: side(is), diff: figures } satisfies ComparisonRow;
}

const ROWS: readonly ComparisonRow[] = [
  row('value', ['layer.10', 'layer.10'], { relL2: 0.5, maxAbs: 1, cosine: 0.9, changedCount: 4 }),
  row('value', ['layer.2', 'layer.2'], { relL2: 'Infinity', maxAbs: 'Infinity', changedCount: 1 }),
  row('dtype', ['head', 'head'], { relL2: 0, maxAbs: 0, cosine: 1 }),
  row('shape', ['wide', 'wide'], null),
  row('renamed', ['old', 'new'], null),
  row('added', [null, 'come'], null),
  row('removed', ['gone', null], null),
  row('same', ['still', 'still'], { relL2: 0, maxAbs: 0, cosine: 1 }),
];

const ALL = { filter: '', hidden: new Set<ComparedKind>() };
const shown = (view: Partial<Pick<ComparisonView, 'filter' | 'hidden' | 'sort'>>): string[] =>
  rowsToShow(ROWS, { ...ALL, sort: { column: 'name', descending: false }, ...view }).map(nameOf);

describe('the rows of a comparison', () => {
  it('are ordered by name as people count', () => {
    expect(shown({})).toEqual(['come', 'gone', 'head', 'layer.2', 'layer.10', 'new', 'still', 'wide']);
    expect(shown({ sort: { column: 'name', descending: true } })[0]).toBe('wide');
  });

  it('have those without a figure last, whichever way they are sorted', () => {
    const without = ['come', 'gone', 'new', 'wide'];
    const down = shown({ sort: { column: 'relL2', descending: true } });
    expect(down).toEqual(['layer.2', 'layer.10', 'head', 'still', ...without]);
    const up = shown({ sort: { column: 'relL2', descending: false } });
    expect(up).toEqual(['head', 'still', 'layer.10', 'layer.2', ...without]);
    expect(shown({ sort: { column: 'cosine', descending: false } }).slice(0, 1)).toEqual(['layer.10']);
    expect(shown({ sort: { column: 'changed', descending: true } }).slice(0, 2)).toEqual(['layer.10', 'layer.2']);
  });

  it('leave out hidden kinds, and names on neither side', () => {
    expect(shown({ hidden: new Set(['same', 'value', 'dtype', 'shape']) })).toEqual(['come', 'gone', 'new']);
    expect(shown({ filter: ' OLD ' })).toEqual(['new']);
    expect(shown({ filter: 'layer' })).toEqual(['layer.2', 'layer.10']);
  });

  it('are counted by kind', () => {
    expect(countsOf(ROWS)).toEqual([
      { kind: 'value', count: 2 },
      { kind: 'dtype', count: 1 },
      { kind: 'shape', count: 1 },
      { kind: 'renamed', count: 1 },
      { kind: 'added', count: 1 },
      { kind: 'removed', count: 1 },
      { kind: 'same', count: 1 },
    ]);
  });

  it('have keys of their own, and say both names of a rename', () => {
    expect(new Set(ROWS.map(keyOf)).size).toBe(ROWS.length);
    expect(ROWS.map(labelOf)).toContain('old → new');
  });
});

test.each([
  [0, [2, 3, 4], '[0, 0, 0]'],
  [23, [2, 3, 4], '[1, 2, 3]'],
  [2 ** 40 + 5, [2 ** 21, 2 ** 21], '[524288, 5]'],
  [7, [8], '[7]'],
  [0, [], 'its only element'],
])('element %i of %j is at %s, as the host says', (index, shape, text) => {
  expect(formatPlace(index, shape)).toBe(text);
  expect(coordinatesOf(index, shape)).toEqual(hostCoordinates(index, shape));
});

test.each([
  [1, '1'],
  [0.5, '0.5'],
  [1 - 2 ** -40, '1 − 9.1e-13'],
  [0.99995, '1 − 5.0e-5'],
  [-0.99999999, '-1'],
  [null, '—'],
] as const)('a cosine of %s is shown as %s', (cosine, text) => {
  expect(formatCosine(cosine)).toBe(text);
});

test.each([
  [0.123456, '0.1235'],
  [123456, '123,456'],
  [123456.5, '123,500'],
  [0, '0'],
  ['Infinity', '∞'],
  [null, '—'],
] as const)('a figure of %s is shown in short as %s', (figure, text) => {
  expect(formatShortFigure(figure)).toBe(text);
});
