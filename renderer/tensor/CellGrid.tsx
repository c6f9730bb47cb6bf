import { type ClipboardEvent, type KeyboardEvent, type MouseEvent, useEffect, useId, useRef, useState } from 'react';
import { edit } from '../actions/documents.ts';
import { failureOf } from '../api/errors.ts';
import type { DocumentSummary, TensorDetail } from '../contract.ts';
import { useNotices } from '../store/notices.ts';
import { visibleRange } from '../virtual/scaled-scroll.ts';
import { useVirtualScroll } from '../virtual/use-virtual-scroll.ts';
import { CellRow, ColumnHeaders, type Editing, indices } from './CellRow.tsx';
import { cellWidth } from './cell-format.ts';
import { type CellCommand, type CellPlace, cellCommand } from './cell-keys.ts';
import { areaOf, copyText } from './copy-cells.ts';
import { elementIndex, extentOfSlice, type SliceView } from './slice-view.ts';
import { tilesFor } from './tile-cache.ts';
import { useTiles } from './use-tiles.ts';

const ROW_HEIGHT = 24;
const HEADER_HEIGHT = 26;
const DIGIT_WIDTH = 8;

interface CellGridProps {
  readonly document: DocumentSummary;
  readonly detail: TensorDetail;
  readonly view: SliceView;
  /** Where "Go to" leads; a new object each time. */
  readonly goal: CellPlace | null;
}

export function CellGrid({ document, detail, view, goal }: CellGridProps) {
  const extent = extentOfSlice(detail.shape, view);
  const width = cellWidth(detail.dtype);
  const headerWidth = Math.max(44, String(extent.rows - 1).length * DIGIT_WIDTH + 20);
  const scroll = useVirtualScroll({
    rows: { count: extent.rows, size: ROW_HEIGHT },
    columns: { count: extent.columns, size: width },
    headerHeight: HEADER_HEIGHT,
    headerWidth,
  });
  const rows = visibleRange(scroll.rows, scroll.offset.top);
  const columns = visibleRange(scroll.columns, scroll.offset.left);
  const source = { document: document.id, tensor: detail.id, shape: detail.shape, view };
  const cache = useTiles({ source, revision: document.revision, places: tilesFor({ rows, columns }, extent) });

  const [at, setAt] = useState<CellPlace>({ row: 0, column: 0 });
  const [anchor, setAnchor] = useState<CellPlace>(at);
  const grid = useRef<HTMLDivElement>(null);
  const id = useId();
  const area = areaOf(anchor, at);

  const moveTo = (to: CellPlace, extend: boolean): void => {
    setAt(to);
    if (!extend) setAnchor(to);
    scroll.reveal(to.row, to.column);
  };
  const editor = useCellEditor({ document, detail, view, focusGrid: () => grid.current?.focus() });
  const startEdit = (place: CellPlace, text: string | null): void => {
    const current = cache.at(place.row, place.column)?.text;
    if (current !== undefined) editor.start(place, text ?? current);
  };
  const run = (command: CellCommand): void => {
    switch (command.kind) {
      case 'move':
        moveTo(command.to, command.extend);
        return;
      case 'select-all':
        setAnchor({ row: 0, column: 0 });
        setAt({ row: extent.rows - 1, column: extent.columns - 1 });
        return;
      case 'edit':
        scroll.reveal(at.row, at.column);
        startEdit(at, command.text);
    }
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target !== grid.current) return;
    const page = {
      rows: Math.floor(scroll.rows.viewport / ROW_HEIGHT),
      columns: Math.floor(scroll.columns.viewport / width),
    };
    const command = cellCommand(event, { at, page, ...extent });
    if (!command) return;
    event.preventDefault();
    run(command);
  };
  const onClick = (event: MouseEvent): void => {
    const place = placeOf(event.target);
    if (place) moveTo(place, event.shiftKey);
  };
  const onDoubleClick = (event: MouseEvent): void => {
    const place = placeOf(event.target);
    if (place) startEdit(place, null);
  };
  const onCopy = (event: ClipboardEvent): void => {
    if (event.target !== grid.current) return;
    event.preventDefault();
    const copied = copyText(area, cache);
    if ('problem' in copied) useNotices.getState().add('error', copied.problem);
    else event.clipboardData.setData('text/plain', copied.text);
  };
  useGoal(goal, (place) => {
    moveTo(place, false);
    grid.current?.focus();
  });

  const visible = at.row >= rows.start && at.row < rows.stop && at.column >= columns.start && at.column < columns.stop;
  return (
    <>
      {cache.failure !== null && (
        <p role="alert" className="problem">
          {failureOf(cache.failure).message}
        </p>
      )}
      <div className="cells-scroller" ref={scroll.scrollerRef}>
        <div className="virtual-extent" style={scroll.extent}>
          <div
            ref={grid}
            role="grid"
            aria-label="Cells"
            aria-rowcount={extent.rows + 1}
            aria-colcount={extent.columns + 1}
            aria-multiselectable="true"
            aria-activedescendant={visible ? `${id}-${at.row}-${at.column}` : undefined}
            tabIndex={0}
            className="cells virtual-layer"
            style={{ width: scroll.client.width, height: scroll.client.height }}
            onKeyDown={onKeyDown}
            onClick={onClick}
            onDoubleClick={onDoubleClick}
            onCopy={onCopy}
          >
            <ColumnHeaders columns={columns} cellWidth={width} headerWidth={headerWidth} />
            <div role="rowgroup" className="cell-rows" style={{ transform: `translateY(${rows.shift}px)` }}>
              {indices(rows).map((row) => (
                <CellRow
                  key={row}
                  id={id}
                  row={row}
                  columns={columns}
                  cellWidth={width}
                  headerWidth={headerWidth}
                  cache={cache}
                  at={at}
                  area={area}
                  editing={editor.editing?.place.row === row ? editor.editing : null}
                  onCommit={(text) => void editor.commit(text)}
                  onCancel={editor.cancel}
                />
              ))}
            </div>
          </div>
        </div>
      </div>
    </>
  );
}

function placeOf(target: EventTarget): CellPlace | null {
  if (!(target instanceof Element) || target.closest('.cell-editor')) return null;
  const cell = target.closest<HTMLElement>('[data-column]');
  return cell ? { row: Number(cell.dataset.row), column: Number(cell.dataset.column) } : null;
}

/** Goes where "Go to" says, once for each time it says so. */
function useGoal(goal: CellPlace | null, go: (place: CellPlace) => void): void {
  const done = useRef<CellPlace | null>(goal);
  useEffect(() => {
    if (goal === null || goal === done.current) return;
    done.current = goal;
    go(goal);
  });
}

interface CellEditorOptions {
  readonly document: DocumentSummary;
  readonly detail: TensorDetail;
  readonly view: SliceView;
  readonly focusGrid: () => void;
}

interface CellEditor {
  readonly editing: Editing | null;
  start(place: CellPlace, text: string): void;
  commit(text: string): Promise<void>;
  cancel(): void;
}

/** One cell at a time is edited; the host's reason for a refusal is shown by the cell. */
function useCellEditor({ document, detail, view, focusGrid }: CellEditorOptions): CellEditor {
  const [editing, setEditing] = useState<Editing | null>(null);
  const leave = (): void => {
    setEditing(null);
    focusGrid();
  };
  const commit = async (text: string): Promise<void> => {
    if (!editing) return;
    const { row, column } = editing.place;
    const slice = elementIndex(view, row, column).join(',');
    try {
      await edit(document.id, { kind: 'set', name: detail.name, slice, values: [text.trim()] });
      leave();
    } catch (error) {
      setEditing({ ...editing, problem: failureOf(error).message });
    }
  };
  return {
    editing,
    start: (place, text) => setEditing({ place, text, problem: null }),
    commit,
    cancel: leave,
  };
}
