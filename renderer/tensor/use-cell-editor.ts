import { useState } from 'react';
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
  /** Called when the editor closes. */
  readonly onLeave: () => void;
}

export interface CellEditor {
  readonly editing: Editing | null;
  start(place: CellPlace, text: string): void;
  commit(text: string): Promise<void>;
  cancel(): void;
}

/** One cell at a time is edited; the host's reason for a refusal is shown by the cell. */
export function useCellEditor({ document, name, view, onLeave }: CellEditorOptions): CellEditor {
  const [editing, setEditing] = useState<Editing | null>(null);
  const leave = (): void => {
    setEditing(null);
    onLeave();
  };
  const commit = async (text: string): Promise<void> => {
    if (!editing) return;
    const slice = elementIndex(view, editing.place.row, editing.place.column).join(',');
    try {
      await edit(document, { kind: 'set', name, slice, values: [text.trim()] });
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
