import { type FormEvent, type ReactNode, type RefObject, useState } from 'react';
import { failureOf, isCancelled } from '../api/errors.ts';
import { Dialog } from './Dialog.tsx';

interface FormDialogProps {
  readonly title: string;
  readonly submit: string;
  readonly danger?: boolean;
  readonly wide?: boolean;
  /** True while there is nothing to submit. */
  readonly disabled?: boolean;
  readonly onClose: () => void;
  /** The dialog closes where this resolves, and shows the reason where it rejects. */
  readonly onSubmit: (form: FormData) => Promise<void>;
  readonly children: ReactNode;
  /** For who looks at the fields while they are filled in. */
  readonly formRef?: RefObject<HTMLFormElement | null>;
  readonly onInput?: () => void;
  /** Further buttons beside Cancel. */
  readonly actions?: ReactNode;
}

export function FormDialog(props: FormDialogProps) {
  const { title, submit, onClose, onSubmit, children, actions, formRef, onInput } = props;
  const { danger = false, wide = false, disabled = false } = props;
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const run = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setProblem(null);
    try {
      await onSubmit(form);
      onClose();
    } catch (error) {
      if (!isCancelled(error)) setProblem(failureOf(error).message);
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} onClose={onClose} wide={wide}>
      <form ref={formRef} onInput={onInput} onSubmit={(event) => void run(event)}>
        <div className="dialog-body">{children}</div>
        {problem !== null && (
          <p role="alert" className="problem">
            {problem}
          </p>
        )}
        <div className="dialog-buttons">
          {actions}
          <span className="spacer" />
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className={danger ? 'danger' : 'primary'} disabled={busy || disabled}>
            {submit}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** A field of a form, as text whatever the browser made of it. */
export function textOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value : '';
}
