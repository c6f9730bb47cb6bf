import { redo, undo } from '../actions/documents.ts';
import { client } from '../api/client.ts';
import type { DocumentSummary } from '../contract.ts';
import { plural } from '../format/numbers.ts';
import { useDialogs } from '../store/dialogs.ts';
import { Icon } from '../ui/Icon.tsx';
import { numbered } from '../ui/numbered.ts';
import { useRequest } from '../ui/use-request.ts';

/** Every edit since the file was opened or saved; undone ones stay until another edit is made. */
export function History({ document }: { readonly document: DocumentSummary }) {
  const items = useRequest({
    subject: document.id,
    key: `${document.id}:${document.revision}`,
    run: (signal) => client.documents.history.query({ document: document.id }, { signal }),
  });
  return (
    <section aria-label="History" className="panel">
      <div className="panel-title">
        <h2>History</h2>
        <span className="spacer" />
        <button
          type="button"
          className="small"
          disabled={document.undo === null}
          title={document.undo === null ? 'Nothing to undo' : `Undo: ${document.undo}`}
          onClick={() => void undo(document.id)}
        >
          <Icon name="undo" />
          Undo
        </button>
        <button
          type="button"
          className="small"
          disabled={document.redo === null}
          title={document.redo === null ? 'Nothing to redo' : `Redo: ${document.redo}`}
          onClick={() => void redo(document.id)}
        >
          <Icon name="redo" />
          Redo
        </button>
      </div>
      {items.data && items.data.length > 0 ? (
        <ol className="history-list" aria-label="Edits">
          {numbered(items.data).map(({ place, item }) => (
            <li key={place} className={item.done ? '' : 'undone'}>
              <span className="history-label">{item.label}</span>
              <span className="muted">
                {item.tensors > 0 ? plural(item.tensors, 'tensor') : 'metadata'}
                {!item.done && ', undone'}
              </span>
            </li>
          ))}
        </ol>
      ) : (
        <p className="muted panel-empty">
          No edits yet. Change a cell, rename or cast a tensor: each step shows up here.
        </p>
      )}
      {document.undo !== null && (
        <button
          type="button"
          className="small"
          onClick={() => useDialogs.getState().ask({ kind: 'export-edits', document: document.id })}
        >
          Export edits…
        </button>
      )}
    </section>
  );
}
