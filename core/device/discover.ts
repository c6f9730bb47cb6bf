import type { DeviceInfo } from './device-info.ts';
import { sharedRuntime } from './shared-runtime.ts';

export type { DeviceInfo } from './device-info.ts';

export interface DiscoverOptions {
  /** Logical devices for each GPU adapter; by default what PARASCOPE_LOGICAL_GPUS says, else 1. */
  readonly logicalGpus?: number | undefined;
}

/**
 * The devices of this machine: `cpu(0)`, then each `gpu(i)`. `cpu(i)` with other numbers are further
 * logical devices on the same processor and need no discovery. Starts the process that serves the GPUs.
 *
 * @throws InvalidStateError where the GPUs are in use with another number of logical devices.
 */
export async function discoverDevices({ logicalGpus }: DiscoverOptions = {}): Promise<DeviceInfo[]> {
  const runtime = sharedRuntime();
  if (logicalGpus !== undefined) runtime.setLogicalGpus(logicalGpus);
  const { devices } = await runtime.discover();
  return [...devices];
}
