import type { ParameterTarget } from '../actions/parameters.ts';
import { client } from '../api/client.ts';
import type { ParameterSummary } from '../contract.ts';
import { FormDialog, textOf } from '../ui/FormDialog.tsx';
import { DevicesField } from './DevicesField.tsx';
import { parseDevices } from './devices-text.ts';

interface ResetDevicesDialogProps {
  readonly target: ParameterTarget;
  readonly parameter: ParameterSummary;
  readonly onClose: () => void;
}

export function ResetDevicesDialog({ target, parameter, onClose }: ResetDevicesDialogProps) {
  const reset = async (form: FormData): Promise<void> => {
    await client.parameters.resetDevices.mutate({ ...target, devices: parseDevices(textOf(form, 'devices')) });
  };
  return (
    <FormDialog title="Reset devices" submit="Reset devices" onClose={onClose} onSubmit={reset}>
      <p className="hint">
        {parameter.status === 'initialized'
          ? 'The mean of the copies goes to these devices; the gradients there are new zeros.'
          : 'The Parameter holds no copies yet: Load will read the value onto these devices.'}
      </p>
      <DevicesField devices={parameter.devices} />
    </FormDialog>
  );
}
