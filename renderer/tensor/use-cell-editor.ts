import { useEffect, useState } from 'react';
import { edit } from '../actions/documents.ts';
import { failureOf } from '../api/errors.ts';
import type { Editing } from './CellRow.tsx';
import type { CellPlace } from './cell-keys.ts';
import { elementIndex, type SliceView } from './slice-view.ts';

interface CellEditorOptions {
  readonly document: string;
  /** Name of the tensor. */
  readonly name: string;
  readonly view: SliceView;
  /** What a cell shows; undefined until it has been read. */
  readonly textAt: (place: CellPlace) => string | undefined;
  /** Called when the editor closes. */
  readonly onLeave: () => void;
}

export interface CellEditor {
  readonly editing: Editing | null;
  /** Begins with `text`, or with the cell's own value: then the editor opens once that has been read. */
  start(place: CellPlace, text: string | null): void;
  commit(text: string): Promise<void>;
  cancel(): void;
}

/** One cell at a time is edited; the host's reason for a refusal is shown by the cell. */
export function useCellEditor({ document, name, view, textAt, onLeave }: CellEditorOptions): CellEditor {
  const [editing, setEditing] = useState<Editing | null>(null);
  const [awaited, setAwaited] = useState<CellPlace | null>(null);
  const start = (place: CellPlace, text: string | null): void => {
    const known = text ?? textAt(place);
    setAwaited(known === undefined ? place : null);
    setEditing(known === undefined ? null : { place, text: known, problem: null });
  };
  useEffect(() => {
    if (awaited && textAt(awaited) !== undefined) start(awaited, null);
  });
  const leave = (): void => {
    setEditing(null);
    setAwaited(null);
    onLeave();
  };
  const commit = async (text: string): Promise<void> => {
    if (!editing) return;
    const slice = elementIndex(view, editing.place.row, editing.place.column).join(', ');
    try {
      await edit(document, { kind: 'set', name, slice, values: [text.trim()] });
      leave();
    } catch (error) {
      setEditing({ ...editing, problem: failureOf(error).message });
    }
  };
  return {
    editing,
    start,
    commit,
    cancel: leave,
  };
}
