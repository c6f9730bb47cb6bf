import { edit } from '../actions/documents.ts';
import { reporting } from '../actions/report.ts';
import { useDialogs } from '../store/dialogs.ts';

interface EditToolbarProps {
  readonly document: string;
  readonly names: readonly string[];
}

/** The edits of whole tensors. Deleting asks nothing: Undo brings the tensors back. */
export function EditToolbar({ document, names }: EditToolbarProps) {
  const { ask } = useDialogs.getState();
  const rename = (): void => {
    if (names.length === 1) ask({ kind: 'rename', document, names });
    else ask({ kind: 'rename-pattern', document, pattern: '' });
  };
  const remove = (): void => void reporting(() => edit(document, { kind: 'delete', select: [...names] }));
  return (
    <div role="toolbar" aria-label="Edit" className="edit-toolbar">
      <button type="button" className="small" onClick={rename}>
        Rename…
      </button>
      <button type="button" className="small" onClick={() => ask({ kind: 'cast', document, names })}>
        Cast…
      </button>
      <button type="button" className="small" onClick={() => ask({ kind: 'fill', document, names })}>
        Fill…
      </button>
      <button type="button" className="small" onClick={() => ask({ kind: 'scale', document, names })}>
        Scale…
      </button>
      <button type="button" className="small danger-text" onClick={remove}>
        Delete
      </button>
    </div>
  );
}
