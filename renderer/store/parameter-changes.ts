import { create } from 'zustand';

interface ParameterChanges {
  /** How often the Parameter of `DOCUMENT/TENSOR` changed since the page began to listen. */
  readonly counts: Readonly<Record<string, number>>;
  note(document: string, tensor: number): void;
}

export const useParameterChanges = create<ParameterChanges>()((set) => ({
  counts: {},
  note: (document, tensor) =>
    set((state) => {
      const key = `${document}/${tensor}`;
      return { counts: { ...state.counts, [key]: (state.counts[key] ?? 0) + 1 } };
    }),
}));

export function useParameterChangeCount(document: string, tensor: number): number {
  return useParameterChanges((state) => state.counts[`${document}/${tensor}`] ?? 0);
}
