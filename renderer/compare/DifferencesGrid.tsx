import { type KeyboardEvent, type MouseEvent, useId } from 'react';
import type { ComparisonRow } from '../contract.ts';
import { type ComparisonView, DIFFERENCE_COLUMNS, type DifferenceColumn } from '../store/comparisons.ts';
import { rowOfKey } from '../virtual/row-keys.ts';
import { visibleRange } from '../virtual/scaled-scroll.ts';
import { useVirtualScroll } from '../virtual/use-virtual-scroll.ts';
import { COLUMN_LABELS, DifferenceRow, isNumeric } from './DifferenceRow.tsx';
import { keyOf } from './rows.ts';

const ROW_HEIGHT = 26;
const HEADER_HEIGHT = 30;

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
  const id = useId();
  const scroll = useVirtualScroll({
    rows: { count: rows.length, size: ROW_HEIGHT },
    columns: { count: 0, size: 1 },
    headerHeight: HEADER_HEIGHT,
    headerWidth: 0,
  });
  const range = visibleRange(scroll.rows, scroll.offset.top);
  const active = rows.findIndex((row) => keyOf(row) === chosen);
  const choose = (at: number): void => {
    const to = Math.min(Math.max(at, 0), rows.length - 1);
    const row = rows[to];
    if (!row) return;
    onChoose(row);
    scroll.reveal(to, 0);
  };
  const page = Math.max(1, Math.floor(scroll.rows.viewport / ROW_HEIGHT) - 1);
  const isActiveInView = active >= range.start && active < range.stop;
  return (
    <div className="tree-scroller" ref={scroll.scrollerRef}>
      <div className="virtual-extent" style={{ height: scroll.extent.height }}>
        <div
          role="treegrid"
          aria-label="Differences"
          aria-rowcount={rows.length + 1}
          aria-colcount={DIFFERENCE_COLUMNS.length}
          aria-activedescendant={isActiveInView ? `${id}-${active}` : undefined}
          tabIndex={0}
          className="tree virtual-layer"
          style={scroll.client}
          onKeyDown={(event: KeyboardEvent) => {
            if (event.target !== event.currentTarget) return;
            const to = rowOfKey(event.key, { active, page, last: rows.length - 1 });
            if (to === null) return;
            event.preventDefault();
            choose(to);
          }}
          onClick={(event: MouseEvent) => {
            const row = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-row]') : null;
            if (row) choose(Number(row.dataset.row));
          }}
        >
          <GridHeader sort={sort} onSort={onSort} />
          <div role="rowgroup" className="tree-rows" style={{ transform: `translateY(${range.shift}px)` }}>
            {rows.slice(range.start, range.stop).map((row, i) => {
              const index = range.start + i;
              return (
                <DifferenceRow
                  key={keyOf(row)}
                  id={`${id}-${index}`}
                  index={index}
                  setSize={rows.length}
                  row={row}
                  chosen={index === active}
                />
              );
            })}
          </div>
        </div>
      </div>
    </div>
  );
}

function GridHeader({ sort, onSort }: Pick<DifferencesGridProps, 'sort' | 'onSort'>) {
  return (
    <div role="rowgroup" className="tree-header">
      <div role="row" aria-rowindex={1} className="difference-row">
        {DIFFERENCE_COLUMNS.map((column) => (
          <span
            key={column}
            role="columnheader"
            aria-sort={column === sort.column ? (sort.descending ? 'descending' : 'ascending') : 'none'}
            className={isNumeric(column) ? 'number' : ''}
          >
            <button type="button" className="sort-button" onClick={() => onSort(nextSort(column, sort))}>
              {COLUMN_LABELS[column]}
              {column === sort.column && <span aria-hidden="true">{sort.descending ? ' ▾' : ' ▴'}</span>}
            </button>
          </span>
        ))}
      </div>
    </div>
  );
}

/** Of numbers the largest come first, of words the first; a column that is chosen again is turned round. */
function nextSort(column: DifferenceColumn, sort: Sort): Sort {
  if (column === sort.column) return { column, descending: !sort.descending };
  return { column, descending: isNumeric(column) && column !== 'cosine' };
}
