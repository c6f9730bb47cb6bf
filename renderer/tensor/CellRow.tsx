import { type KeyboardEvent, useEffect, useRef } from 'react';
import type { VisibleRange } from '../virtual/scaled-scroll.ts';
import type { CellPlace } from './cell-keys.ts';
import type { CellArea } from './copy-cells.ts';
import type { TileCache } from './tile-cache.ts';

export interface Editing {
  readonly place: CellPlace;
  /** What the editor starts with. */
  readonly text: string;
  readonly problem: string | null;
}

interface Geometry {
  readonly columns: VisibleRange;
  readonly cellWidth: number;
  readonly headerWidth: number;
}

export function ColumnHeaders({ columns, cellWidth, headerWidth }: Geometry) {
  return (
    <div role="rowgroup" className="cells-header">
      <div role="row" aria-rowindex={1} className="cell-row">
        <span role="columnheader" aria-colindex={1} className="cell-corner" style={{ width: headerWidth }}>
          <span className="visually-hidden">Row</span>
        </span>
        {indices(columns).map((column) => (
          <span
            key={column}
            role="columnheader"
            aria-colindex={column + 2}
            className="cell-heading"
            style={{ width: cellWidth, left: leftOf(column, { columns, cellWidth, headerWidth }) }}
          >
            {column}
          </span>
        ))}
      </div>
    </div>
  );
}

interface CellRowProps extends Geometry {
  readonly id: string;
  readonly row: number;
  readonly cache: TileCache;
  readonly at: CellPlace;
  readonly area: CellArea;
  readonly editing: Editing | null;
  readonly onCommit: (text: string) => void;
  readonly onCancel: () => void;
}

export function CellRow(props: CellRowProps) {
  const { id, row, columns, cellWidth, headerWidth, cache, at, area, editing, onCommit, onCancel } = props;
  const inRows = row >= area.top && row <= area.bottom;
  return (
    <div role="row" aria-rowindex={row + 2} className="cell-row">
      <span role="rowheader" aria-colindex={1} className="cell-heading row-heading" style={{ width: headerWidth }}>
        {row}
      </span>
      {indices(columns).map((column) => {
        const value = cache.at(row, column);
        const current = at.row === row && at.column === column;
        const selected = inRows && column >= area.left && column <= area.right;
        const edited = editing?.place.column === column ? editing : null;
        return (
          <span
            key={column}
            role="gridcell"
            id={`${id}-${row}-${column}`}
            data-row={row}
            data-column={column}
            aria-colindex={column + 2}
            aria-selected={selected}
            className={`cell ${value?.tone ?? 'waiting'}${selected ? ' selected' : ''}${current ? ' current' : ''}`}
            style={{ width: cellWidth, left: leftOf(column, { columns, cellWidth, headerWidth }) }}
          >
            {edited ? (
              <CellInput key={`${row}/${column}`} editing={edited} onCommit={onCommit} onCancel={onCancel} />
            ) : (
              (value?.text ?? '…')
            )}
          </span>
        );
      })}
    </div>
  );
}

export function indices({ start, stop }: VisibleRange): number[] {
  return Array.from({ length: stop - start }, (_, i) => start + i);
}

function leftOf(column: number, { columns, cellWidth, headerWidth }: Geometry): number {
  return headerWidth + columns.shift + (column - columns.start) * cellWidth;
}

interface CellInputProps {
  readonly editing: Editing;
  readonly onCommit: (text: string) => void;
  readonly onCancel: () => void;
}

function CellInput({ editing, onCommit, onCancel }: CellInputProps) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    input.current?.focus();
    input.current?.setSelectionRange(input.current.value.length, input.current.value.length);
  }, []);
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    event.stopPropagation();
    if (event.key === 'Enter') onCommit(event.currentTarget.value);
    if (event.key === 'Escape') onCancel();
  };
  // Another window that takes the focus for a while does not end the edit.
  const onBlur = (): void => {
    if (document.hasFocus()) onCancel();
  };
  return (
    <span className="cell-editor">
      <input
        ref={input}
        type="text"
        aria-label="New value"
        aria-invalid={editing.problem !== null}
        autoComplete="off"
        spellCheck={false}
        defaultValue={editing.text}
        onKeyDown={onKeyDown}
        onBlur={onBlur}
      />
      {editing.problem !== null && (
        <span role="alert" className="cell-problem">
          {editing.problem}
        </span>
      )}
    </span>
  );
}
