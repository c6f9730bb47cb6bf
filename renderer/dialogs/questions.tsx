import { closeNow, reload, saveAs, saveOwn } from '../actions/documents.ts';
import { reporting } from '../actions/report.ts';
import type { DocumentSummary } from '../contract.ts';
import { FormDialog } from '../ui/FormDialog.tsx';

interface QuestionProps {
  readonly document: DocumentSummary;
  readonly onClose: () => void;
}

export function OverwriteDialog({ document, onClose }: QuestionProps) {
  const saveElsewhere = (): void => {
    onClose();
    void saveAs(document);
  };
  return (
    <FormDialog
      title="Overwrite the changed file?"
      submit="Overwrite"
      danger
      onClose={onClose}
      onSubmit={() => saveOwn(document.id, { overwriteChanged: true })}
      actions={
        <button type="button" onClick={saveElsewhere}>
          Save as…
        </button>
      }
    >
      <p>
        <strong className="mono">{document.name}</strong> on disk is no longer the file that was opened: another program
        wrote it in the meantime. Overwriting replaces what that program wrote.
      </p>
    </FormDialog>
  );
}

export function CloseDialog({ document, onClose }: QuestionProps) {
  const discard = (): void => {
    onClose();
    void reporting(() => closeNow(document.id, { discardEdits: true }));
  };
  return (
    <FormDialog
      title="Close with unsaved edits?"
      submit="Keep edits and close"
      onClose={onClose}
      onSubmit={() => closeNow(document.id, { discardEdits: false })}
      actions={
        <button type="button" className="danger-text" onClick={discard}>
          Discard edits
        </button>
      }
    >
      <p>
        The edits of <strong className="mono">{document.name}</strong> are not saved to the file. Kept edits are offered
        again when the file is opened next.
      </p>
    </FormDialog>
  );
}

export function ReloadDialog({ document, onClose }: QuestionProps) {
  return (
    <FormDialog
      title="Reload and drop the edits?"
      submit="Reload"
      danger
      onClose={onClose}
      onSubmit={() => reload(document.id)}
    >
      <p>
        Reading <strong className="mono">{document.name}</strong> anew drops the unsaved edits of this window. This
        cannot be undone.
      </p>
    </FormDialog>
  );
}
