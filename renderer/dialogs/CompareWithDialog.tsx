import { useState } from 'react';
import { openComparison } from '../actions/comparisons.ts';
import { chooseAndOpen } from '../actions/open.ts';
import type { DocumentSummary } from '../contract.ts';
import { useDocuments } from '../store/documents.ts';
import { FormDialog } from '../ui/FormDialog.tsx';
import { RadioField } from '../ui/RadioField.tsx';

interface CompareWithDialogProps {
  readonly document: DocumentSummary;
  readonly onClose: () => void;
}

/** Which of the other open documents to compare with. */
export function CompareWithDialog({ document, onClose }: CompareWithDialogProps) {
  const { order, byId } = useDocuments();
  const others = order.flatMap((id) => (id === document.id ? [] : [{ value: id, label: byId[id]?.name ?? id }]));
  const [chosen, setChosen] = useState<string | null>(others[0]?.value ?? null);
  const openAnother = (): void => {
    onClose();
    void chooseAndOpen();
  };
  return (
    <FormDialog
      title={`Compare ${document.name}`}
      submit="Compare"
      disabled={chosen === null}
      onClose={onClose}
      onSubmit={async () => {
        if (chosen !== null) openComparison(document.id, chosen);
      }}
      actions={
        <button type="button" onClick={openAnother}>
          Open another…
        </button>
      }
    >
      {others.length > 0 ? (
        <RadioField legend="With" options={others} value={chosen} onChange={setChosen} />
      ) : (
        <p>No other document is open. Open the one to compare with, or drop its file on this window.</p>
      )}
    </FormDialog>
  );
}
