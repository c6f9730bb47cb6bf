import { useId } from 'react';
import { copyToClipboard } from '../actions/clipboard.ts';
import { saveEdits } from '../actions/documents.ts';
import { reporting } from '../actions/report.ts';
import { client } from '../api/client.ts';
import type { DocumentSummary } from '../contract.ts';
import { Dialog } from '../ui/Dialog.tsx';
import { Field } from '../ui/Field.tsx';
import { Problem } from '../ui/Problem.tsx';
import { useRequest } from '../ui/use-request.ts';
import { commandLineOf } from './command-line.ts';

interface ExportEditsDialogProps {
  readonly document: DocumentSummary;
  readonly onClose: () => void;
}

/** The edits as a script, and the command line that does them to a file. */
export function ExportEditsDialog({ document, onClose }: ExportEditsDialogProps) {
  const id = useId();
  const script = useRequest({
    subject: document.id,
    key: String(document.revision),
    run: (signal) => client.documents.exportEdits.query({ document: document.id }, { signal }),
  });
  const name = `${document.name}.edits.json`;
  const text = script.data ? `${JSON.stringify(script.data, null, 2)}\n` : '';
  const command = script.data ? commandLineOf(script.data.edits, { file: document.name, script: name }) : '';
  return (
    <Dialog title="Export edits" onClose={onClose} wide>
      <div className="dialog-body">
        <Problem message={script.failure?.message} />
        <div className="field">
          <label htmlFor={id}>Script</label>
          <textarea id={id} className="mono" rows={12} readOnly value={text} data-autofocus />
          <p className="hint">
            Does the same edits to another file: parascope edit --script, or Resume in this window.
          </p>
        </div>
        <Field label="Command line" className="mono" readOnly value={command} />
      </div>
      <div className="dialog-buttons">
        <button type="button" disabled={!script.data} onClick={() => copyToClipboard(text, 'The script was copied.')}>
          Copy script
        </button>
        <button
          type="button"
          disabled={!script.data}
          onClick={() => copyToClipboard(command, 'The command line was copied.')}
        >
          Copy as command line
        </button>
        <span className="spacer" />
        <button type="button" onClick={onClose}>
          Close
        </button>
        <button
          type="button"
          className="primary"
          disabled={!script.data}
          onClick={() => void reporting(() => saveEdits(document.id, { name, text }))}
        >
          Save script…
        </button>
      </div>
    </Dialog>
  );
}
