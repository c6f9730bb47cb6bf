import { openComparison } from '../actions/comparisons.ts';
import { closeNow } from '../actions/documents.ts';
import { askToCopy } from '../actions/move-tensors.ts';
import { reporting } from '../actions/report.ts';
import { fetchListing } from '../api/fetch-listing.ts';
import type { DocumentSummary } from '../contract.ts';
import { useDocuments } from '../store/documents.ts';
import { Dialog } from '../ui/Dialog.tsx';

interface DroppedDialogProps {
  readonly document: DocumentSummary;
  readonly other: DocumentSummary;
  /** False where the dropped file was open before. */
  readonly isNew: boolean;
  readonly onClose: () => void;
}

/** What to do with a file that was dropped on an open document. */
export function DroppedDialog({ document, other, isNew, onClose }: DroppedDialogProps) {
  const show = (): void => {
    useDocuments.getState().activate(other.id);
    onClose();
  };
  const compare = (): void => {
    onClose();
    openComparison(document.id, other.id);
  };
  const merge = async (): Promise<void> => {
    const { ids } = await fetchListing(other.id);
    askToCopy({ document: other.id, ids: [...ids] }, document.id);
  };
  const cancel = (): void => {
    onClose();
    if (isNew) void reporting(() => closeNow(other.id, { discardEdits: false }));
  };
  return (
    <Dialog title={`${other.name} on ${document.name}`} onClose={onClose}>
      <div className="dialog-body">
        <p>
          <strong className="mono">{other.name}</strong> was dropped on an open document. Open it beside, compare{' '}
          <strong className="mono">{document.name}</strong> with it, or merge its tensors in?
        </p>
      </div>
      <div className="dialog-buttons">
        <button type="button" onClick={cancel}>
          Cancel
        </button>
        <span className="spacer" />
        <button type="button" onClick={show}>
          Open
        </button>
        <button type="button" onClick={compare}>
          Compare
        </button>
        <button type="button" className="primary" data-autofocus onClick={() => void reporting(merge)}>
          Merge…
        </button>
      </div>
    </Dialog>
  );
}
