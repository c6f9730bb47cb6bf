import { expect, test } from 'vitest';
import { cpu, currentDevice, Device, formatDevices, gpu, withDevice } from '../../../core/device/device.ts';
import { InvalidArgumentError } from '../../../core/errors.ts';

test('P-090: devices are equal by type and id, print as type(id), and any id is legal', () => {
  expect(cpu(1).equals(new Device('cpu', 1))).toBe(true);
  expect(cpu(1).equals(cpu(0))).toBe(false);
  expect(cpu(0).equals(gpu(0))).toBe(false);
  expect(String(cpu())).toBe('cpu(0)');
  expect(String(gpu(7))).toBe('gpu(7)');
  expect(formatDevices([cpu(0), gpu(1)])).toBe('[cpu(0), gpu(1)]');
});

test.each([-1, 0.5, Number.NaN])('P-090: %s is no device id', (id) => {
  expect(() => cpu(id)).toThrow(InvalidArgumentError);
});

test('P-090: an unknown device type is refused', () => {
  const type = 'tpu' as 'cpu';
  expect(() => new Device(type)).toThrow('Unknown device type "tpu"');
});

test('P-091, P-092: the current device is cpu(0), scopes nest and survive await', async () => {
  expect(String(currentDevice())).toBe('cpu(0)');
  const inner = await withDevice(cpu(1), async () => {
    await new Promise((resolve) => setImmediate(resolve));
    const nested = withDevice(cpu(1), () => withDevice(cpu(2), () => String(currentDevice())));
    return [nested, String(currentDevice())];
  });
  expect(inner).toEqual(['cpu(2)', 'cpu(1)']);
  expect(String(currentDevice())).toBe('cpu(0)');
});
