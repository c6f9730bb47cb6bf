import { create } from 'zustand';
import type { DeviceList } from '../contract.ts';

interface Devices {
  /** Null until somebody asks: looking for GPUs starts what serves them. */
  readonly list: DeviceList | null;
  set(list: DeviceList): void;
}

export const useDevices = create<Devices>()((set) => ({
  list: null,
  set: (list) => set({ list }),
}));

/** The adapter behind a device and whether it is none but software; null while nobody has looked. */
export function useAdapter(device: string): { readonly name: string; readonly software: boolean } | null {
  const found = useDevices((state) => state.list?.devices.find((known) => known.device === device));
  return found ? { name: found.adapter, software: found.software } : null;
}
