import { type FormEvent, useState } from 'react';
import { edit } from '../actions/documents.ts';
import { reporting } from '../actions/report.ts';
import type { DocumentSummary } from '../contract.ts';
import { textOf } from '../ui/FormDialog.tsx';
import { Icon } from '../ui/Icon.tsx';

/** The checkpoint's own key-value pairs; each change is an edit that can be undone. */
export function MetadataEditor({ document }: { readonly document: DocumentSummary }) {
  const pairs = Object.entries(document.metadata);
  return (
    <section aria-labelledby="metadata-title" className="panel">
      <h2 id="metadata-title">Metadata</h2>
      <table className="plain-table metadata" aria-labelledby="metadata-title">
        <thead>
          <tr>
            <th scope="col">Key</th>
            <th scope="col">Value</th>
            <th scope="col">
              <span className="visually-hidden">Remove</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {pairs.map(([key, value]) => (
            <MetadataRow key={`${key}\u0000${value}`} document={document.id} name={key} value={value} />
          ))}
          {pairs.length === 0 && (
            <tr>
              <td colSpan={3} className="muted">
                This checkpoint carries no metadata.
              </td>
            </tr>
          )}
        </tbody>
      </table>
      <AddPair document={document.id} />
    </section>
  );
}

interface MetadataRowProps {
  readonly document: string;
  readonly name: string;
  readonly value: string;
}

function MetadataRow({ document, name, value }: MetadataRowProps) {
  const [draft, setDraft] = useState(value);
  const commit = (): void => {
    if (draft !== value) void setMetadata(document, name, draft);
  };
  return (
    <tr>
      <th scope="row" className="mono">
        {name}
      </th>
      <td>
        <textarea
          rows={1}
          aria-label={`Value of ${name}`}
          className="mono bare"
          value={draft}
          spellCheck={false}
          onChange={(event) => setDraft(event.target.value)}
          onBlur={commit}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && !event.shiftKey) {
              event.preventDefault();
              event.currentTarget.blur();
            }
            if (event.key === 'Escape') setDraft(value);
          }}
        />
      </td>
      <td>
        <button
          type="button"
          className="icon-button"
          aria-label={`Remove ${name}`}
          onClick={() => void setMetadata(document, name, null)}
        >
          <Icon name="close" />
        </button>
      </td>
    </tr>
  );
}

function AddPair({ document }: { readonly document: string }) {
  const onSubmit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = new FormData(form);
    if (await setMetadata(document, textOf(fields, 'key'), textOf(fields, 'value'))) form.reset();
  };
  return (
    <form className="add-pair" onSubmit={(event) => void onSubmit(event)}>
      <input name="key" type="text" aria-label="New key" placeholder="Key" className="mono" required />
      <input name="value" type="text" aria-label="New value for the key" placeholder="Value" className="mono" />
      <button type="submit">
        <Icon name="plus" />
        Add
      </button>
    </form>
  );
}

function setMetadata(document: string, key: string, value: string | null): Promise<boolean> {
  return reporting(() => edit(document, { kind: 'metadata', key, value }));
}
