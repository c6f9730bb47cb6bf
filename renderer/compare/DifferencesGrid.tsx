import type { ComparisonRow } from '../contract.ts';
import { type ComparisonView, DIFFERENCE_COLUMNS, type DifferenceColumn } from '../store/comparisons.ts';
import { RowGrid } from '../virtual/RowGrid.tsx';
import { rowAt } from '../virtual/row-at.ts';
import { rowOfKey } from '../virtual/row-keys.ts';
import { useVirtualRows } from '../virtual/use-virtual-rows.ts';
import { COLUMN_LABELS, DifferenceRow, isNumeric } from './DifferenceRow.tsx';
import { keyOf } from './rows.ts';

type Sort = ComparisonView['sort'];

interface DifferencesGridProps {
  readonly rows: readonly ComparisonRow[];
  readonly sort: Sort;
  readonly chosen: string | null;
  readonly onSort: (sort: Sort) => void;
  readonly onChoose: (row: ComparisonRow) => void;
}

/** The differences, as many as there are; keys choose the row that they go to. */
export function DifferencesGrid({ rows, sort, chosen, onSort, onChoose }: DifferencesGridProps) {
  const virtual = useVirtualRows(rows.length);
  const active = rows.findIndex((row) => keyOf(row) === chosen);
  const choose = (index: number): void => {
    const row = rows[index];
    if (!row) return;
    onChoose(row);
    virtual.reveal(index);
  };
  return (
    <RowGrid
      label="Differences"
      columns={DIFFERENCE_COLUMNS.length}
      rows={virtual}
      active={active}
      headerClass="difference-row"
      header={DIFFERENCE_COLUMNS.map((column) => (
        <ColumnHeader key={column} column={column} sort={sort} onSort={onSort} />
      ))}
      row={(index, id) => {
        const row = rows[index];
        return (
          row && (
            <DifferenceRow
              key={keyOf(row)}
              id={id}
              index={index}
              setSize={rows.length}
              row={row}
              chosen={index === active}
            />
          )
        );
      }}
      onKeyDown={(event) => {
        if (event.target !== event.currentTarget) return;
        const to = rowOfKey(event.key, { active, page: virtual.page, last: rows.length - 1 });
        if (to === null) return;
        event.preventDefault();
        choose(to);
      }}
      onClick={(event) => choose(rowAt(event.target))}
    />
  );
}

interface ColumnHeaderProps extends Pick<DifferencesGridProps, 'sort' | 'onSort'> {
  readonly column: DifferenceColumn;
}

function ColumnHeader({ column, sort, onSort }: ColumnHeaderProps) {
  const isSorted = column === sort.column;
  return (
    <span
      role="columnheader"
      aria-sort={isSorted ? (sort.descending ? 'descending' : 'ascending') : 'none'}
      className={isNumeric(column) ? 'number' : ''}
    >
      <button type="button" className="sort-button" onClick={() => onSort(nextSort(column, sort))}>
        {COLUMN_LABELS[column]}
        {isSorted && <span aria-hidden="true">{sort.descending ? ' ▾' : ' ▴'}</span>}
      </button>
    </span>
  );
}

/** Of numbers the largest come first, of words the first; a column that is chosen again is turned round. */
function nextSort(column: DifferenceColumn, sort: Sort): Sort {
  if (column === sort.column) return { column, descending: !sort.descending };
  return { column, descending: isNumeric(column) && column !== 'cosine' };
}
