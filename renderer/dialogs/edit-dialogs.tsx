import { edit } from '../actions/documents.ts';
import { plural } from '../format/numbers.ts';
import { Field } from '../ui/Field.tsx';
import { FormDialog, textOf } from '../ui/FormDialog.tsx';
import { chosenDType, DTypeSelect } from './DTypeSelect.tsx';

interface NamesDialogProps {
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
    <FormDialog
      title="Rename tensor"
      submit="Rename"
      onClose={onClose}
      onSubmit={(form) => edit(document, { kind: 'rename', from: name, to: textOf(form, 'to') })}
    >
      <Field label="New name" name="to" className="mono" defaultValue={name} data-autofocus />
    </FormDialog>
  );
}

interface RenamePatternDialogProps {
  readonly document: string;
  readonly pattern: string;
  readonly onClose: () => void;
}

export function RenamePatternDialog({ document, pattern, onClose }: RenamePatternDialogProps) {
  return (
    <FormDialog
      title="Rename by pattern"
      submit="Rename all"
      onClose={onClose}
      onSubmit={(form) =>
        edit(document, {
          kind: 'rename-pattern',
          pattern: textOf(form, 'pattern'),
          replacement: textOf(form, 'replacement'),
        })
      }
    >
      <Field
        label="Regular expression"
        name="pattern"
        className="mono"
        defaultValue={pattern}
        required
        hint="Matched against every name of the checkpoint."
      />
      <Field
        label="Replacement"
        name="replacement"
        className="mono"
        hint="$1, $2, … stand for the groups of the expression."
        data-autofocus
      />
    </FormDialog>
  );
}

export function CastDialog({ document, names, onClose }: NamesDialogProps) {
  return (
    <FormDialog
      title={`Cast ${subject(names)}`}
      submit="Cast"
      onClose={onClose}
      onSubmit={(form) => edit(document, { kind: 'cast', select: [...names], dtype: chosenDType(form) })}
    >
      <p className="hint">An edit of the document: Save writes the new type, Undo takes it back.</p>
      <DTypeSelect />
    </FormDialog>
  );
}

export function FillDialog({ document, names, onClose }: NamesDialogProps) {
  return (
    <FormDialog
      title={`Fill ${subject(names)}`}
      submit="Fill"
      onClose={onClose}
      onSubmit={(form) => edit(document, { kind: 'fill', select: [...names], value: textOf(form, 'value').trim() })}
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
    </FormDialog>
  );
}

export function ScaleDialog({ document, names, onClose }: NamesDialogProps) {
  const scale = async (form: FormData): Promise<void> => {
    const text = textOf(form, 'factor').trim();
    const factor = Number(text);
    if (text === '' || !Number.isFinite(factor))
      throw new Error(`"${text}" is not a number: write one like 0.5 or 1e-3.`);
    await edit(document, { kind: 'scale', select: [...names], factor });
  };
  return (
    <FormDialog title={`Scale ${subject(names)}`} submit="Scale" onClose={onClose} onSubmit={scale}>
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
    </FormDialog>
  );
}

function subject(names: readonly string[]): string {
  return names.length === 1 ? 'tensor' : plural(names.length, 'tensor');
}
