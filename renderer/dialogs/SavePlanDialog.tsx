import { useState } from 'react';
import { saveOwn, saveTo } from '../actions/documents.ts';
import { client } from '../api/client.ts';
import type { DocumentSummary, FileRef } from '../contract.ts';
import { useSettings } from '../store/settings.ts';
import { CheckField } from '../ui/CheckField.tsx';
import { FormDialog } from '../ui/FormDialog.tsx';
import { Problem } from '../ui/Problem.tsx';
import { useRequest } from '../ui/use-request.ts';
import { SavePlanView } from './SavePlanView.tsx';

interface SavePlanDialogProps {
  readonly document: DocumentSummary;
  /** Of Save as; null for Save. */
  readonly file: FileRef | null;
  readonly onClose: () => void;
}

/** What a save will do, before it does. */
export function SavePlanDialog({ document, file, onClose }: SavePlanDialogProps) {
  const { alwaysPlan, setAlwaysPlan } = useSettings();
  const [inPlace, setInPlace] = useState(false);
  const plan = useRequest({
    subject: JSON.stringify(file),
    key: `${document.revision} ${inPlace}`,
    run: (signal) =>
      client.documents.planSave.query({ document: document.id, inPlace, ...(file && { file }) }, { signal }),
  });
  const save = (): Promise<void> =>
    file ? saveTo(document.id, file) : saveOwn(document.id, { overwriteChanged: false, inPlace });
  return (
    <FormDialog
      title={file ? 'Save as: what will happen' : `Save ${document.name}: what will happen`}
      submit="Save"
      wide
      onClose={onClose}
      onSubmit={save}
    >
      <Problem message={plan.failure?.message} />
      {plan.pending && <output>Planning…</output>}
      {plan.data && <SavePlanView plan={plan.data} />}
      {plan.data?.inPlace && (
        <CheckField
          label="In place"
          checked={inPlace}
          onChange={setInPlace}
          hint="Patches the file itself, under an undo record, instead of replacing it by a patched copy: less disk and less to write."
        />
      )}
      <CheckField
        label="Show this before every save"
        checked={alwaysPlan}
        onChange={setAlwaysPlan}
        hint="Otherwise only where a save writes much, loses something or has no room."
      />
    </FormDialog>
  );
}
