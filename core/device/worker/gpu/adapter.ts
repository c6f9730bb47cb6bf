import type { DeviceDescription, DeviceName } from '../../protocol.ts';
import type { GpuDevice } from './gpu-device.ts';

/** A way to a GPU that was found. */
export interface Adapter {
  readonly description: Omit<DeviceDescription, 'device'>;
  /** A new logical device on it. @throws DeviceLostError where there is no way any more. */
  open(name: DeviceName, backendName: string): Promise<GpuDevice>;
}

export interface Found {
  readonly adapters: readonly Adapter[];
  /** Why there are none; null where there are. */
  readonly reason: string | null;
}

/** Names under which processors play GPUs. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|software|basic render|subzero/i;

export function isSoftware(...names: readonly string[]): boolean {
  return names.some((name) => SOFTWARE.test(name));
}

/**
 * What arrays may take where nobody says how much memory a GPU has: as much as any of today's has, and
 * less where it is the processor's, which the rest of the system shares.
 */
export const MEMORY_BUDGET = { hardware: 4 * 2 ** 30, software: 2 * 2 ** 30 } as const;
