import { create } from 'zustand';

/** Which tensors of a document are selected, and which one is shown. Tensor ids survive renames. */
export interface Selection {
  readonly ids: ReadonlySet<number>;
  readonly shown: number | null;
}

interface Selections {
  readonly byDocument: Readonly<Record<string, Selection>>;
  select(document: string, selection: Selection): void;
}

export const NOTHING_SELECTED: Selection = { ids: new Set(), shown: null };

export const useSelections = create<Selections>()((set) => ({
  byDocument: {},
  select: (document, selection) => set((state) => ({ byDocument: { ...state.byDocument, [document]: selection } })),
}));

export function useSelection(document: string): Selection {
  return useSelections((state) => state.byDocument[document] ?? NOTHING_SELECTED);
}

export function showTensor(document: string, tensor: number): void {
  useSelections.getState().select(document, { ids: new Set([tensor]), shown: tensor });
}

export function showDocument(document: string): void {
  useSelections.getState().select(document, NOTHING_SELECTED);
}
