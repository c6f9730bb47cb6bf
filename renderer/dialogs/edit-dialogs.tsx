import { useId } from 'react';
import { edit } from '../actions/documents.ts';
import type { DType } from '../contract.ts';
import { plural } from '../format/numbers.ts';
import { Field } from '../ui/Field.tsx';
import { FormDialog, textOf } from '../ui/FormDialog.tsx';

/** Targets of a cast, most wanted first; the host says which of them a tensor can become. */
const CAST_TARGETS: readonly DType[] = [
  'bfloat16',
  'float16',
  'float32',
  'float64',
  'float8_e4m3fn',
  'float8_e5m2',
  'int8',
  'uint8',
  'int16',
  'uint16',
  'int32',
  'uint32',
  'int64',
  'uint64',
  'bool',
  'complex64',
];

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
  const id = useId();
  return (
    <FormDialog
      title={`Cast ${subject(names)}`}
      submit="Cast"
      onClose={onClose}
      onSubmit={(form) =>
        edit(document, { kind: 'cast', select: [...names], dtype: dtypeNamed(textOf(form, 'dtype')) })
      }
    >
      <div className="field">
        <label htmlFor={id}>New data type</label>
        <select id={id} name="dtype" className="mono" data-autofocus>
          {CAST_TARGETS.map((dtype) => (
            <option key={dtype}>{dtype}</option>
          ))}
        </select>
        <p className="hint">Floats round to nearest, ties to even. Floats to integers truncate and saturate.</p>
      </div>
    </FormDialog>
  );
}

function dtypeNamed(name: string): DType {
  const dtype = CAST_TARGETS.find((target) => target === name);
  if (!dtype) throw new Error(`There is no data type ${name}.`);
  return dtype;
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
