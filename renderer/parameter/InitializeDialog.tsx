import { useId, useState } from 'react';
import type { ParameterTarget } from '../actions/parameters.ts';
import { client } from '../api/client.ts';
import type { InitializerName, ParameterSummary } from '../contract.ts';
import { Field } from '../ui/Field.tsx';
import { FormDialog, textOf } from '../ui/FormDialog.tsx';
import { SelectField } from '../ui/SelectField.tsx';
import { DevicesField } from './DevicesField.tsx';
import { parseDevices } from './devices-text.ts';
import { argumentsOf, INITIALIZERS, type InitializerArgument } from './initializers.ts';

interface InitializeDialogProps {
  readonly target: ParameterTarget;
  readonly parameter: ParameterSummary;
  readonly onClose: () => void;
}

const NAMES = Object.keys(INITIALIZERS) as InitializerName[];

/** Gluon's initialize: any initializer, its arguments, and the devices. */
export function InitializeDialog({ target, parameter, onClose }: InitializeDialogProps) {
  const [name, setName] = useState<InitializerName>('xavier');
  const form = INITIALIZERS[name];
  const isInitialized = parameter.status === 'initialized';
  const initialize = async (fields: FormData): Promise<void> => {
    await client.parameters.initialize.mutate({
      ...target,
      initializer: name,
      arguments: argumentsOf(form, (argument) => textOf(fields, argument)),
      devices: parseDevices(textOf(fields, 'devices')),
      forceReinit: fields.has('force'),
      ...seedOf(textOf(fields, 'seed')),
    });
  };
  return (
    <FormDialog title="Initialize Parameter" submit="Initialize" onClose={onClose} onSubmit={initialize}>
      <p className="hint">Draws a value on the devices. No edit: the document keeps the value of the file.</p>
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
      <DevicesField devices={parameter.devices} />
      <Field
        label="Seed"
        name="seed"
        inputMode="numeric"
        className="mono"
        hint="A whole number makes the random values reproducible on any device. Empty: the stream goes on."
      />
      {isInitialized && <ForceField />}
    </FormDialog>
  );
}

export function ArgumentField({ argument: { name, initial, choices } }: { readonly argument: InitializerArgument }) {
  if (choices) return <SelectField label={name} name={name} options={choices} initial={String(initial)} />;
  return <Field label={name} name={name} inputMode="decimal" className="mono" defaultValue={initial} required />;
}

function ForceField() {
  const id = useId();
  return (
    <div className="field">
      <span className="checkbox">
        <input type="checkbox" id={id} name="force" defaultChecked aria-describedby={`${id}-hint`} />
        <label htmlFor={id}>Replace the copies it holds (force_reinit)</label>
      </span>
      <p className="hint" id={`${id}-hint`}>
        Without it an initialized Parameter stays as it is, with a warning.
      </p>
    </div>
  );
}

export function seedOf(text: string): { seed?: number } {
  if (text.trim() === '') return {};
  const seed = Number(text);
  if (!Number.isSafeInteger(seed) || seed < 0) throw new Error('The seed is a whole number, such as 7, or empty.');
  return { seed };
}
