import { useId } from 'react';
import type { ParameterTarget } from '../actions/parameters.ts';
import { client } from '../api/client.ts';
import type { ParameterSummary } from '../contract.ts';
import { FormDialog, textOf } from '../ui/FormDialog.tsx';
import { DevicesField } from './DevicesField.tsx';
import { parseDevices } from './devices-text.ts';
import { InitializerFields, initializerIn, SeedField } from './InitializerFields.tsx';

interface InitializeDialogProps {
  readonly target: ParameterTarget;
  readonly parameter: ParameterSummary;
  readonly onClose: () => void;
}

/** Gluon's initialize: any initializer, its arguments, and the devices. */
export function InitializeDialog({ target, parameter, onClose }: InitializeDialogProps) {
  const isInitialized = parameter.status === 'initialized';
  const initialize = async (fields: FormData): Promise<void> => {
    await client.parameters.initialize.mutate({
      ...target,
      ...initializerIn(fields),
      devices: parseDevices(textOf(fields, 'devices')),
      forceReinit: fields.has('force'),
    });
  };
  return (
    <FormDialog title="Initialize Parameter" submit="Initialize" onClose={onClose} onSubmit={initialize}>
      <p className="hint">Draws a value on the devices. No edit: the document keeps the value of the file.</p>
      <InitializerFields />
      <DevicesField devices={parameter.devices} />
      <SeedField hint="A whole number makes the random values reproducible on any device. Empty: the stream goes on." />
      {isInitialized && <ForceField />}
    </FormDialog>
  );
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
