import { cpus, totalmem } from 'node:os';
import type { Device } from './device.ts';
import { cpu } from './device.ts';

/** A place that can hold copies of Parameters, and what is behind it. */
export interface DeviceInfo {
  readonly device: Device;
  /** The TensorFlow.js backend that does its arithmetic. */
  readonly backend: string;
  readonly adapter: string;
  readonly driver: string;
  /** Bytes of memory that the adapter has in all. */
  readonly memory: number;
}

/**
 * The devices of this machine. `cpu(i)` with other numbers are further logical devices on the same
 * processor and need no discovery.
 */
export async function discoverDevices(): Promise<DeviceInfo[]> {
  const { version_core } = await import('@tensorflow/tfjs');
  return [
    {
      device: cpu(0),
      backend: 'cpu',
      adapter: cpus()[0]?.model.trim() || 'unknown processor',
      driver: `TensorFlow.js ${version_core}`,
      memory: totalmem(),
    },
  ];
}
