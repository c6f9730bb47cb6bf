import { client } from '../api/client.ts';
import type { DeviceList } from '../contract.ts';
import { useDevices } from '../store/devices.ts';

/** What can hold copies, and how much each device holds now. */
export async function lookAtDevices(signal?: AbortSignal): Promise<DeviceList> {
  const list = await client.devices.list.query(undefined, signal && { signal });
  useDevices.getState().set(list);
  return list;
}
