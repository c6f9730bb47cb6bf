import { Device } from '../device/device.ts';
import { InvalidArgumentError } from '../errors.ts';

const DEVICE = /^(cpu|gpu)\((\d{1,6})\)$/;

/** Devices by the names that messages and the window use. @throws InvalidArgumentError for others, for none and for one twice. */
export function devicesNamed(names: readonly string[]): Device[] {
  if (names.length === 0) throw new InvalidArgumentError('Name at least one device, such as cpu(0).');
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new InvalidArgumentError(`The device ${twice} is named twice.`);
  return names.map((name) => {
    const [, type, id] = DEVICE.exec(name) ?? [];
    if (type !== 'cpu' && type !== 'gpu') {
      throw new InvalidArgumentError(`${JSON.stringify(name)} is no device: write cpu(0), gpu(0) and so on.`);
    }
    return new Device(type, Number(id));
  });
}
