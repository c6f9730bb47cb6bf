import { type ReactNode, useEffect, useRef, useState } from 'react';
import { edit } from '../actions/documents.ts';
import type { Edit } from '../contract.ts';
import { FormDialog } from '../ui/FormDialog.tsx';
import { FieldError, FieldProblemContext } from '../ui/field-problem.ts';
import { ApartField, madeApart } from './ApartField.tsx';
import { EditPreviewView, useEditPreview } from './EditPreviewView.tsx';

interface EditFormDialogProps {
  readonly document: string;
  readonly title: string;
  readonly submit: string;
  readonly wide?: boolean;
  readonly onClose: () => void;
  /** The edit that the fields ask for; throws what is wrong with them, a `FieldError` where it is with one. */
  readonly editOf: (form: FormData) => Edit;
  /** The name of the field that the host speaks of where it refuses the edit. */
  readonly field?: string;
  readonly children: ReactNode;
}

/** A form that makes one edit. What it would do, and what stands against it, shows while it is filled in. */
export function EditFormDialog({ document, editOf, field, children, ...dialog }: EditFormDialogProps) {
  const form = useRef<HTMLFormElement>(null);
  const [draft, setDraft] = useState<Draft>(NOTHING);
  const [isApart, setApart] = useState(false);
  const [, setInputs] = useState(0);
  const wantedEdit = (fields: FormData): Edit => (isApart ? madeApart(editOf(fields)) : editOf(fields));
  // Fields come and go with what is chosen: read them after each rendering.
  useEffect(() => {
    if (form.current) setDraft(known(draftOf(new FormData(form.current), wantedEdit)));
  });
  const { preview, refusal } = useEditPreview(document, draft.wanted);
  const problem = draft.problem ?? (refusal === null ? null : { message: refusal, field });
  const ofField = problem?.field === undefined ? null : { field: problem.field, message: problem.message };
  return (
    <FormDialog
      {...dialog}
      formRef={form}
      onInput={() => setInputs((count) => count + 1)}
      onSubmit={(fields) => edit(document, wantedEdit(fields))}
    >
      <FieldProblemContext value={ofField}>{children}</FieldProblemContext>
      <ApartField tied={preview?.kind === 'edit' ? preview.edit.tied : []} checked={isApart} onChange={setApart} />
      <EditPreviewView
        preview={problem === null ? preview : null}
        problem={ofField ? null : (problem?.message ?? null)}
      />
    </FormDialog>
  );
}

interface Draft {
  /** The edit as JSON: the same text is the same edit. */
  readonly wanted: string | null;
  readonly problem: { readonly field?: string | undefined; readonly message: string } | null;
}

const NOTHING: Draft = { wanted: null, problem: null };

function draftOf(form: FormData, editOf: EditFormDialogProps['editOf']): Draft {
  try {
    return { wanted: JSON.stringify(editOf(form)), problem: null };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { wanted: null, problem: { message, field: error instanceof FieldError ? error.field : undefined } };
  }
}

/** The former draft where it says the same, so that nothing is rendered again. */
function known(next: Draft): (before: Draft) => Draft {
  return (before) => (JSON.stringify(before) === JSON.stringify(next) ? before : next);
}
