import type { Device } from './device.ts';
import type { DeviceDescription } from './protocol.ts';

/** A place that can hold copies of Parameters, and what is behind it. */
export interface DeviceInfo extends Omit<DeviceDescription, 'device'> {
  readonly device: Device;
  /** Bytes that arrays take on it now. */
  readonly held: number;
}
