import { DeviceRuntime } from './runtime.ts';

let shared: DeviceRuntime | null = null;

/** The runtime that Parameters use unless they are given one of their own. Started at first use. */
export function sharedRuntime(): DeviceRuntime {
  shared ??= new DeviceRuntime();
  return shared;
}

/** Resolves once all device work so far is done; rejects with the first error that no read has reported. */
export async function waitAll(): Promise<void> {
  await shared?.waitAll();
}
