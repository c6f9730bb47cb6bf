import { AsyncLocalStorage } from 'node:async_hooks';
import { InvalidArgumentError } from '../errors.ts';
import type { DeviceName } from './protocol.ts';

export type DeviceType = 'cpu' | 'gpu';

const DEVICE_TYPES: readonly string[] = ['cpu', 'gpu'] satisfies DeviceType[];

/** A logical place that can hold copies. Any id is legal on any machine, as in MXNet (P-090). */
export class Device {
  readonly type: DeviceType;
  readonly id: number;

  /** @throws InvalidArgumentError for an unknown type or an id that is no non-negative integer. */
  constructor(type: DeviceType, id = 0) {
    if (!DEVICE_TYPES.includes(type)) {
      throw new InvalidArgumentError(`Unknown device type ${JSON.stringify(type)}: expected cpu or gpu.`);
    }
    if (!Number.isSafeInteger(id) || id < 0) {
      throw new InvalidArgumentError(`Device id must be a non-negative integer, got ${id}.`);
    }
    this.type = type;
    this.id = id;
  }

  equals(other: Device): boolean {
    return this.type === other.type && this.id === other.id;
  }

  /** As the device workers call it: what `toString` gives. */
  get deviceName(): DeviceName {
    return `${this.type}(${this.id})`;
  }

  toString(): string {
    return `${this.type}(${this.id})`;
  }
}

export function cpu(id = 0): Device {
  return new Device('cpu', id);
}

export function gpu(id = 0): Device {
  return new Device('gpu', id);
}

/** `[cpu(0), cpu(1)]`: as messages list devices (P-085). */
export function formatDevices(devices: readonly Device[]): string {
  return `[${devices.join(', ')}]`;
}

const scope = new AsyncLocalStorage<Device>();

/** The device of the innermost `withDevice` around the caller; `cpu(0)` outside of any (P-091). */
export function currentDevice(): Device {
  return scope.getStore() ?? cpu(0);
}

/** Runs `fn` with `device` as the current device and returns what it returns. Scopes nest and survive `await`. */
export function withDevice<T>(device: Device, fn: () => T): T {
  return scope.run(device, fn);
}
