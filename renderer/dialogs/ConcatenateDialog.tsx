import { useId } from 'react';
import type { Edit } from '../contract.ts';
import { plural } from '../format/numbers.ts';
import { Field } from '../ui/Field.tsx';
import { textOf } from '../ui/FormDialog.tsx';
import { FieldError } from '../ui/field-problem.ts';
import { EditFormDialog } from './EditFormDialog.tsx';
import type { NamesDialogProps } from './edit-dialogs.tsx';
import { axisOf } from './shape-edits.ts';

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line.trim() !== '');
}

/** Makes one tensor of several. */
export function ConcatenateDialog({ document, names, onClose }: NamesDialogProps) {
  const id = useId();
  const concatenate = (form: FormData): Edit => {
    const to = textOf(form, 'to').trim();
    if (to === '') throw new FieldError('to', 'Write a name for the new tensor.');
    return {
      kind: 'concatenate',
      names: linesOf(textOf(form, 'names')),
      axis: axisOf(textOf(form, 'axis')),
      to,
      drop: form.has('drop'),
    };
  };
  return (
    <EditFormDialog
      document={document}
      title={`Concatenate ${plural(names.length, 'tensor')}`}
      submit="Concatenate"
      wide
      onClose={onClose}
      editOf={concatenate}
    >
      <div className="field">
        <label htmlFor={id}>Tensors, in this order</label>
        <textarea
          id={id}
          name="names"
          className="mono"
          rows={Math.min(8, names.length + 1)}
          defaultValue={names.join('\n')}
          spellCheck={false}
        />
      </div>
      <Field label="Axis" name="axis" inputMode="numeric" className="mono" defaultValue="0" required />
      <Field label="Name of the result" name="to" className="mono" required data-autofocus />
      <span className="checkbox">
        <input type="checkbox" id={`${id}-drop`} name="drop" />
        <label htmlFor={`${id}-drop`}>Delete the parts</label>
      </span>
    </EditFormDialog>
  );
}
