import { create } from 'zustand';

export const VIEWS = ['Overview', 'Heatmap', 'Cells', 'Spectrum'] as const;
export type View = (typeof VIEWS)[number];

interface ViewState {
  readonly view: View;
  setView(view: View): void;
}

export const useView = create<ViewState>()((set) => ({
  view: 'Overview',
  setView: (view) => set({ view }),
}));
