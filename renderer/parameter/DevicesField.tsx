import { useDevices } from '../store/devices.ts';
import { Field } from '../ui/Field.tsx';
import { devicesText } from './devices-text.ts';

/** The field `devices` of a form. */
export function DevicesField({ devices }: { readonly devices: readonly string[] }) {
  const known = useDevices((state) => state.list?.devices);
  const gpus = known?.filter(({ device }) => device.startsWith('gpu')) ?? [];
  const offered = gpus.length > 0 ? ` Here: ${devicesText(gpus.map(({ device }) => device))}.` : '';
  return (
    <Field
      label="Devices"
      name="devices"
      className="mono"
      defaultValue={devicesText(devices)}
      required
      hint={`One copy on each: cpu(0), cpu(1) and so on (any number is a device of its own), gpu(0).${offered}`}
    />
  );
}
