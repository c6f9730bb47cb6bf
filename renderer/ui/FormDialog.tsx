import type { ReactNode, RefObject } from 'react';
import { Dialog } from './Dialog.tsx';
import { Problem } from './Problem.tsx';
import { useSubmit } from './use-submit.ts';

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
  const {
    problem,
    busy,
    submit: onFormSubmit,
  } = useSubmit(async (form) => {
    await onSubmit(form);
    onClose();
  });
  return (
    <Dialog title={title} onClose={onClose} wide={wide}>
      <form ref={formRef} onInput={onInput} onSubmit={onFormSubmit}>
        <div className="dialog-body">{children}</div>
        <Problem message={problem} />
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
