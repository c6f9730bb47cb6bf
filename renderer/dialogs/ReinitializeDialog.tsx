import { useState } from 'react';
import type { Edit, InitializerName } from '../contract.ts';
import { ArgumentField, seedOf } from '../parameter/InitializeDialog.tsx';
import { argumentsOf, INITIALIZERS } from '../parameter/initializers.ts';
import { Field } from '../ui/Field.tsx';
import { textOf } from '../ui/FormDialog.tsx';
import { SelectField } from '../ui/SelectField.tsx';
import { EditFormDialog } from './EditFormDialog.tsx';
import { type NamesDialogProps, subject } from './edit-dialogs.tsx';

const NAMES = Object.keys(INITIALIZERS) as InitializerName[];

/** Draws new values with any initializer; the seed is part of the edit, so that it can be done again. */
export function ReinitializeDialog({ document, names, onClose }: NamesDialogProps) {
  const [name, setName] = useState<InitializerName>('xavier');
  const form = INITIALIZERS[name];
  const reinitialize = (fields: FormData): Edit => ({
    kind: 'reinitialize',
    select: [...names],
    initializer: name,
    arguments: argumentsOf(form, (argument) => textOf(fields, argument)),
    ...seedOf(textOf(fields, 'seed')),
  });
  return (
    <EditFormDialog
      document={document}
      title={`Reinitialize ${subject(names)}`}
      submit="Reinitialize"
      onClose={onClose}
      editOf={reinitialize}
    >
      <p className="hint">An edit of the document: Save writes the new values, Undo takes them back.</p>
      <SelectField
        label="Initializer"
        name="initializer"
        options={NAMES}
        value={name}
        onChange={setName}
        hint={form.says}
      />
      {form.arguments.map((argument) => (
        <ArgumentField key={`${name} ${argument.name}`} argument={argument} />
      ))}
      <Field
        label="Seed"
        name="seed"
        inputMode="numeric"
        className="mono"
        hint="A whole number makes the values the same wherever the edit is done. Empty: one is chosen and recorded."
      />
    </EditFormDialog>
  );
}
