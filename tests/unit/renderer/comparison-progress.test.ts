import { describe, expect, it } from 'vitest';
import type { ComparisonEvent, ComparisonRow } from '../../../renderer/contract.ts';
import { begunAgain, cancelled, changeBy } from '../../../renderer/store/comparison-progress.ts';
import type { Comparison, GivenTolerance } from '../../../renderer/store/comparisons.ts';

const NONE: GivenTolerance = { absolute: null, relative: null };
const SOME: GivenTolerance = { absolute: 0.5, relative: null };
const METADATA = { added: [], removed: [], changed: [] };

function row(kind: ComparisonRow['kind'], id: number): ComparisonRow {
  const side = { id, name: `t${id}`, dtype: 'float32', shape: [1] };
  return { kind, before: side, after: side, diff: null };
}

const FOUND = [row('value', 0), row('value', 1)];

const DONE: Comparison = {
  id: 'c',
  before: 'a',
  after: 'b',
  state: 'done',
  problem: null,
  revisions: { before: 0, after: 0 },
  metadata: METADATA,
  rows: FOUND,
  tolerance: NONE,
  renewal: null,
  view: { filter: '', hidden: new Set(), sort: { column: 'name', descending: false }, chosen: null },
};

const begun = (after: number): ComparisonEvent => ({
  type: 'begun',
  revisions: { before: 0, after },
  metadata: METADATA,
});

function told(start: Comparison, events: readonly ComparisonEvent[]): Comparison {
  let comparison = start;
  for (const event of events) comparison = { ...comparison, ...changeBy(event, comparison) };
  return comparison;
}

const again = (comparison: Comparison, tolerance = SOME): Comparison => ({
  ...comparison,
  ...begunAgain(comparison, tolerance),
});

describe('a comparison under another tolerance', () => {
  it('keeps its rows until all others are there', () => {
    const half = told(again(DONE), [begun(0), { type: 'found', rows: [row('within', 0)] }]);
    expect(half).toMatchObject({ state: 'running', rows: FOUND, tolerance: NONE });
    const whole = told(half, [{ type: 'found', rows: [row('value', 1)] }, { type: 'done' }]);
    expect(whole).toMatchObject({ state: 'done', tolerance: SOME, renewal: null });
    expect(whole.rows.map(({ kind }) => kind)).toEqual(['within', 'value']);
  });

  it('that is cancelled is what it was', () => {
    const half = told(again(DONE), [begun(0), { type: 'found', rows: [row('within', 0)] }]);
    expect({ ...half, ...cancelled(half) }).toEqual(DONE);
  });

  it('begins from nothing where documents changed or rows are missing', () => {
    const edited = told(again(DONE), [begun(1), { type: 'found', rows: [row('within', 0)] }]);
    expect(edited).toMatchObject({ rows: [row('within', 0)], tolerance: SOME, renewal: null });
    expect(cancelled(edited)).toEqual({ state: 'cancelled' });
    const partial: Comparison = { ...DONE, state: 'cancelled', rows: FOUND.slice(1) };
    expect(told(again(partial), [begun(0)])).toMatchObject({ rows: [], tolerance: SOME, renewal: null });
  });

  it('may change once more while it is under way', () => {
    const half = told(again(DONE), [begun(0), { type: 'found', rows: [row('within', 0)] }]);
    const other = told(again(half, NONE), [begun(0), { type: 'found', rows: FOUND }, { type: 'done' }]);
    expect(other).toEqual(DONE);
  });
});
