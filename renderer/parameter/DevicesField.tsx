import { Field } from '../ui/Field.tsx';
import { devicesText } from './devices-text.ts';

/** The field `devices` of a form. */
export function DevicesField({ devices }: { readonly devices: readonly string[] }) {
  return (
    <Field
      label="Devices"
      name="devices"
      className="mono"
      defaultValue={devicesText(devices)}
      required
      hint="One copy on each: cpu(0), cpu(1) and so on. Any number is a device of its own."
    />
  );
}
