import type { Edit } from '../contract.ts';
import { plural } from '../format/numbers.ts';
import { Field } from '../ui/Field.tsx';
import { textOf } from '../ui/FormDialog.tsx';
import { FieldError } from '../ui/field-problem.ts';
import { EditFormDialog } from './EditFormDialog.tsx';

export interface NamesDialogProps {
  readonly document: string;
  readonly names: readonly string[];
  readonly onClose: () => void;
}

interface RenameDialogProps {
  readonly document: string;
  readonly name: string;
  readonly onClose: () => void;
}

export function RenameDialog({ document, name, onClose }: RenameDialogProps) {
  return (
    <EditFormDialog
      document={document}
      title="Rename tensor"
      submit="Rename"
      onClose={onClose}
      field="to"
      editOf={(form) => ({ kind: 'rename', from: name, to: textOf(form, 'to') })}
    >
      <Field label="New name" name="to" className="mono" defaultValue={name} data-autofocus />
    </EditFormDialog>
  );
}

export function FillDialog({ document, names, onClose }: NamesDialogProps) {
  return (
    <EditFormDialog
      document={document}
      title={`Fill ${subject(names)}`}
      submit="Fill"
      onClose={onClose}
      field="value"
      editOf={(form) => ({ kind: 'fill', select: [...names], value: textOf(form, 'value').trim() })}
    >
      <Field
        label="Value"
        name="value"
        className="mono"
        defaultValue="0"
        required
        data-autofocus
        hint="Every element becomes this value. Also nan, inf, -inf, true, 1+2j."
      />
    </EditFormDialog>
  );
}

export function ScaleDialog({ document, names, onClose }: NamesDialogProps) {
  const scale = (form: FormData): Edit => {
    const text = textOf(form, 'factor').trim();
    const factor = Number(text);
    if (text === '' || !Number.isFinite(factor))
      throw new FieldError('factor', `"${text}" is not a number: write one like 0.5 or 1e-3.`);
    return { kind: 'scale', select: [...names], factor };
  };
  return (
    <EditFormDialog
      document={document}
      title={`Scale ${subject(names)}`}
      submit="Scale"
      onClose={onClose}
      field="factor"
      editOf={scale}
    >
      <Field
        label="Factor"
        name="factor"
        inputMode="decimal"
        className="mono"
        defaultValue="1"
        required
        data-autofocus
        hint="Computed in float64, then rounded to the tensor's own type."
      />
    </EditFormDialog>
  );
}

export function subject(names: readonly string[]): string {
  return names.length === 1 ? 'tensor' : plural(names.length, 'tensor');
}
