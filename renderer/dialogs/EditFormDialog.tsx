import { type ReactNode, useEffect, useRef, useState } from 'react';
import { edit } from '../actions/documents.ts';
import type { Edit } from '../contract.ts';
import { FormDialog } from '../ui/FormDialog.tsx';
import { EditPreviewView } from './EditPreviewView.tsx';

interface EditFormDialogProps {
  readonly document: string;
  readonly title: string;
  readonly submit: string;
  readonly wide?: boolean;
  readonly onClose: () => void;
  /** The edit that the fields ask for; throws what is wrong with them. */
  readonly editOf: (form: FormData) => Edit;
  readonly children: ReactNode;
}

/** A form that makes one edit. What it would do, and what stands against it, shows while it is filled in. */
export function EditFormDialog({ document, editOf, children, ...dialog }: EditFormDialogProps) {
  const form = useRef<HTMLFormElement>(null);
  const [draft, setDraft] = useState<Draft>(NOTHING);
  const [, setInputs] = useState(0);
  // Fields come and go with what is chosen: read them after each rendering.
  useEffect(() => {
    if (form.current) setDraft(known(draftOf(new FormData(form.current), editOf)));
  });
  return (
    <FormDialog
      {...dialog}
      formRef={form}
      onInput={() => setInputs((count) => count + 1)}
      onSubmit={(fields) => edit(document, editOf(fields))}
    >
      {children}
      <EditPreviewView document={document} wanted={draft.wanted} incomplete={draft.incomplete} />
    </FormDialog>
  );
}

interface Draft {
  /** The edit as JSON: the same text is the same edit. */
  readonly wanted: string | null;
  readonly incomplete: string | null;
}

const NOTHING: Draft = { wanted: null, incomplete: null };

function draftOf(form: FormData, editOf: EditFormDialogProps['editOf']): Draft {
  try {
    return { wanted: JSON.stringify(editOf(form)), incomplete: null };
  } catch (error) {
    return { wanted: null, incomplete: error instanceof Error ? error.message : String(error) };
  }
}

/** The former draft where it says the same, so that nothing is rendered again. */
function known(next: Draft): (before: Draft) => Draft {
  return (before) => (before.wanted === next.wanted && before.incomplete === next.incomplete ? before : next);
}
