import { memo } from 'react';
import type { ComparisonRow } from '../contract.ts';
import { formatCount, formatShape, formatShare } from '../format/numbers.ts';
import type { DifferenceColumn } from '../store/comparisons.ts';
import { formatCosine, formatShortFigure } from './figures.ts';
import { elementsOf, KIND_LABELS, labelOf } from './rows.ts';

export const COLUMN_LABELS: Readonly<Record<DifferenceColumn, string>> = {
  name: 'Name',
  change: 'Change',
  maxAbs: 'Max abs',
  relL2: 'Rel L2',
  cosine: 'Cosine',
  changed: 'Changed',
};

export function isNumeric(column: DifferenceColumn): boolean {
  return column !== 'name' && column !== 'change';
}

interface DifferenceRowProps {
  readonly id: string;
  readonly index: number;
  readonly setSize: number;
  readonly row: ComparisonRow;
  readonly chosen: boolean;
}

export const DifferenceRow = memo(function DifferenceRow({ id, index, setSize, row, chosen }: DifferenceRowProps) {
  const label = labelOf(row);
  const { diff } = row;
  return (
    <div
      role="row"
      id={id}
      data-row={index}
      className={chosen ? 'grid-row difference-row active' : 'grid-row difference-row'}
      aria-label={label}
      aria-rowindex={index + 2}
      aria-level={1}
      aria-posinset={index + 1}
      aria-setsize={setSize}
      aria-selected={chosen}
    >
      <span role="gridcell" className="mono" title={label}>
        {label}
      </span>
      <span role="gridcell" title={changeOf(row)}>
        <span className={`change change-${row.kind}`}>{changeOf(row)}</span>
      </span>
      <span role="gridcell" className="number">
        {diff && formatShortFigure(diff.maxAbs)}
      </span>
      <span role="gridcell" className="number">
        {diff && formatShortFigure(diff.relL2)}
      </span>
      <span role="gridcell" className="number">
        {diff && formatCosine(diff.cosine)}
      </span>
      <span role="gridcell" className="number" title={diff ? shareOf(row, diff.changedCount) : ''}>
        {diff && formatCount(diff.changedCount)}
      </span>
    </div>
  );
});

/** What the change consists of, in short: a dtype or shape says from what to what. */
function changeOf({ kind, before, after }: ComparisonRow): string {
  const dtypes = `${before?.dtype} → ${after?.dtype}`;
  if (kind === 'dtype') return dtypes;
  if (kind === 'within' && before?.dtype !== after?.dtype) return `${KIND_LABELS.within}: ${dtypes}`;
  if (kind === 'shape') return `${formatShape(before?.shape ?? [])} → ${formatShape(after?.shape ?? [])}`;
  return KIND_LABELS[kind];
}

function shareOf(row: ComparisonRow, changed: number): string {
  const elements = elementsOf(row);
  return `${formatCount(changed)} of ${formatCount(elements)} elements, ${formatShare(changed, elements)}`;
}
