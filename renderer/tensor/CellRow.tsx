import { type CSSProperties, type KeyboardEvent, useEffect, useRef } from 'react';
import { indices } from '../virtual/scaled-scroll.ts';
import type { CellPlace } from './cell-keys.ts';
import type { CellArea } from './copy-cells.ts';
import type { TileCache } from './tile-cache.ts';
import type { CellGeometry, CellSelection } from './use-cell-grid.ts';

export interface Editing {
  readonly place: CellPlace;
  /** What the editor starts with. */
  readonly text: string;
  readonly problem: string | null;
}

type Geometry = Pick<CellGeometry, 'columns' | 'cellWidth' | 'headerWidth'>;

export function ColumnHeaders({ geometry }: { readonly geometry: Geometry }) {
  return (
    <div role="rowgroup" className="cells-header">
      <div role="row" aria-rowindex={1} className="cell-row">
        <span role="columnheader" aria-colindex={1} className="cell-corner" style={{ width: geometry.headerWidth }}>
          <span className="visually-hidden">Row</span>
        </span>
        {indices(geometry.columns).map((column) => (
          <span
            key={column}
            role="columnheader"
            aria-colindex={column + 2}
            className="cell-heading"
            style={placeOfColumn(column, geometry)}
          >
            {column}
          </span>
        ))}
      </div>
    </div>
  );
}

interface CellRowProps {
  readonly id: string;
  readonly row: number;
  readonly geometry: Geometry;
  readonly cache: TileCache;
  readonly selection: Pick<CellSelection, 'at' | 'area'>;
  readonly editing: Editing | null;
  readonly onCommit: (text: string) => void;
  readonly onCancel: () => void;
}

export function CellRow({ id, row, geometry, cache, selection, editing, onCommit, onCancel }: CellRowProps) {
  return (
    <div role="row" aria-rowindex={row + 2} className="cell-row">
      <span
        role="rowheader"
        aria-colindex={1}
        className="cell-heading row-heading"
        style={{ width: geometry.headerWidth }}
      >
        {row}
      </span>
      {indices(geometry.columns).map((column) => {
        const value = cache.at(row, column);
        const selected = contains(selection.area, row, column);
        const current = selection.at.row === row && selection.at.column === column;
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
            style={placeOfColumn(column, geometry)}
          >
            {editing?.place.column === column ? (
              <CellInput editing={editing} onCommit={onCommit} onCancel={onCancel} />
            ) : (
              (value?.text ?? '…')
            )}
          </span>
        );
      })}
    </div>
  );
}

function contains({ top, bottom, left, right }: CellArea, row: number, column: number): boolean {
  return row >= top && row <= bottom && column >= left && column <= right;
}

function placeOfColumn(column: number, { columns, cellWidth, headerWidth }: Geometry): CSSProperties {
  return { width: cellWidth, left: headerWidth + columns.shift + (column - columns.start) * cellWidth };
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
