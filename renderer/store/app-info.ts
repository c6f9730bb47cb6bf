import { create } from 'zustand';
import type { OfferedFile, Root, WrittenFormat } from '../contract.ts';

/** What the host said about itself. */
export interface AppInfo {
  readonly version: string;
  readonly roots: readonly Root[];
  /** What Save as offers. */
  readonly formats: readonly WrittenFormat[];
}

interface AppState {
  readonly info: AppInfo | null;
  readonly sample: OfferedFile['ref'] | null;
  readonly recent: readonly OfferedFile[];
  setInfo(info: AppInfo): void;
  setOffered(sample: OfferedFile['ref'], recent: readonly OfferedFile[]): void;
}

export const useAppInfo = create<AppState>()((set) => ({
  info: null,
  sample: null,
  recent: [],
  setInfo: (info) => set({ info }),
  setOffered: (sample, recent) => set({ sample, recent }),
}));
