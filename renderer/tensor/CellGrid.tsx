import { type ClipboardEvent, type KeyboardEvent, type MouseEvent, useId, useRef } from 'react';
import { failureOf } from '../api/errors.ts';
import type { DocumentSummary, TensorDetail } from '../contract.ts';
import { useNotices } from '../store/notices.ts';
import { Problem } from '../ui/Problem.tsx';
import { indices } from '../virtual/scaled-scroll.ts';
import { CellRow, ColumnHeaders } from './CellRow.tsx';
import { type CellCommand, type CellPlace, cellCommand } from './cell-keys.ts';
import { copyText } from './copy-cells.ts';
import { extentOfSlice, type SliceView } from './slice-view.ts';
import { type TileCache, tilesFor } from './tile-cache.ts';
import { type CellEditor, useCellEditor } from './use-cell-editor.ts';
import {
  type CellGeometry,
  type CellSelection,
  type GridExtent,
  useCellGeometry,
  useCellSelection,
  useGoal,
} from './use-cell-grid.ts';
import { useTiles } from './use-tiles.ts';

interface CellGridProps {
  readonly document: DocumentSummary;
  readonly detail: TensorDetail;
  readonly view: SliceView;
  /** Where "Go to" leads; a new object each time. */
  readonly goal: CellPlace | null;
}

/** The cells of one slice; another slice is another grid. */
export function CellGrid({ document, detail, view, goal }: CellGridProps) {
  const extent = extentOfSlice(detail.shape, view);
  const geometry = useCellGeometry(extent, detail.dtype);
  const source = { document: document.id, tensor: detail.id, shape: detail.shape, view };
  const cache = useTiles({ source, revision: document.revision, places: tilesFor(geometry, extent) });
  const selection = useCellSelection(extent, geometry.scroll.reveal);
  const grid = useRef<HTMLDivElement>(null);
  const focusGrid = (): void => grid.current?.focus();
  const editor = useCellEditor({
    document: document.id,
    name: detail.name,
    view,
    textAt: ({ row, column }) => cache.at(row, column)?.text,
    onLeave: focusGrid,
  });
  const handlers = gridHandlers({ extent, geometry, selection, editor, cache });
  const id = useId();
  useGoal(geometry.page.rows > 0 ? goal : null, (place) => {
    selection.moveTo(place, false);
    focusGrid();
  });

  const { scroll, rows, columns } = geometry;
  const { row, column } = selection.at;
  const visible = row >= rows.start && row < rows.stop && column >= columns.start && column < columns.stop;
  return (
    <>
      {cache.failure !== null && <Problem message={failureOf(cache.failure).message} />}
      <div className="cells-scroller" ref={scroll.scrollerRef}>
        <div className="virtual-extent" style={scroll.extent}>
          <div
            ref={grid}
            role="grid"
            aria-label="Cells"
            aria-rowcount={extent.rows + 1}
            aria-colcount={extent.columns + 1}
            aria-multiselectable="true"
            aria-activedescendant={visible ? `${id}-${row}-${column}` : undefined}
            tabIndex={0}
            className="cells virtual-layer"
            style={scroll.client}
            {...handlers}
          >
            <ColumnHeaders geometry={geometry} />
            <CellRows id={id} geometry={geometry} cache={cache} selection={selection} editor={editor} />
          </div>
        </div>
      </div>
    </>
  );
}

interface CellRowsProps {
  readonly id: string;
  readonly geometry: CellGeometry;
  readonly cache: TileCache;
  readonly selection: CellSelection;
  readonly editor: CellEditor;
}

function CellRows({ id, geometry, cache, selection, editor }: CellRowsProps) {
  return (
    <div role="rowgroup" className="cell-rows" style={{ transform: `translateY(${geometry.rows.shift}px)` }}>
      {indices(geometry.rows).map((row) => (
        <CellRow
          key={row}
          id={id}
          row={row}
          geometry={geometry}
          cache={cache}
          selection={selection}
          editing={editor.editing?.place.row === row ? editor.editing : null}
          onCommit={(text) => void editor.commit(text)}
          onCancel={editor.cancel}
        />
      ))}
    </div>
  );
}

interface GridParts extends Omit<CellRowsProps, 'id'> {
  readonly extent: GridExtent;
}

/** What keyboard, mouse and clipboard do with the grid. */
function gridHandlers({ extent, geometry, cache, selection, editor }: GridParts) {
  const run = (command: CellCommand): void => {
    switch (command.kind) {
      case 'move':
        editor.cancel();
        selection.moveTo(command.to, command.extend);
        return;
      case 'select-all':
        selection.selectAll();
        return;
      case 'edit':
        geometry.scroll.reveal(selection.at.row, selection.at.column);
        editor.start(selection.at, command.text);
    }
  };
  return {
    onKeyDown: (event: KeyboardEvent): void => {
      if (event.target !== event.currentTarget) return;
      const command = cellCommand(event, { at: selection.at, page: geometry.page, ...extent });
      if (!command) return;
      event.preventDefault();
      run(command);
    },
    onClick: (event: MouseEvent): void => {
      const place = placeOf(event.target);
      if (!place) return;
      editor.cancel();
      selection.moveTo(place, event.shiftKey);
    },
    onDoubleClick: (event: MouseEvent): void => {
      const place = placeOf(event.target);
      if (place) editor.start(place, null);
    },
    onCopy: (event: ClipboardEvent): void => {
      if (event.target !== event.currentTarget) return;
      event.preventDefault();
      const copied = copyText(selection.area, cache);
      if ('problem' in copied) useNotices.getState().add('error', copied.problem);
      else event.clipboardData.setData('text/plain', copied.text);
    },
  };
}

function placeOf(target: EventTarget): CellPlace | null {
  if (!(target instanceof Element) || target.closest('.cell-editor')) return null;
  const cell = target.closest<HTMLElement>('[data-column]');
  return cell ? { row: Number(cell.dataset.row), column: Number(cell.dataset.column) } : null;
}
