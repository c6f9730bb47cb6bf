import type { Edit } from '../contract.ts';
import { textOf } from '../ui/FormDialog.tsx';
import { SelectField } from '../ui/SelectField.tsx';
import { EditFormDialog } from './EditFormDialog.tsx';
import { type NamesDialogProps, subject } from './edit-dialogs.tsx';

/** Makes one value of several tensors. */
export function TieDialog({ document, names, onClose }: NamesDialogProps) {
  const tie = (form: FormData): Edit => {
    const first = textOf(form, 'first');
    return { kind: 'tie', names: [first, ...names.filter((name) => name !== first)] };
  };
  return (
    <EditFormDialog document={document} title={`Tie ${subject(names)}`} submit="Tie" onClose={onClose} editOf={tie}>
      <p>
        Tied tensors are the same elements: an edit of one changes all of them. PyTorch files store them once, files of
        other formats a copy of each.
      </p>
      <SelectField
        label="All become"
        name="first"
        options={names}
        hint="The value that stays; that of the others goes."
      />
    </EditFormDialog>
  );
}
