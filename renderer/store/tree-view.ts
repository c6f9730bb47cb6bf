import { create } from 'zustand';

export const SORT_ORDERS = ['file', 'name', 'size', 'dtype', 'kind'] as const;
export type SortOrder = (typeof SORT_ORDERS)[number];

/** How the tree of one document is looked at. */
export interface TreeView {
  readonly filter: string;
  readonly sort: SortOrder;
  /** Paths of the groups that are closed; groups are open to begin with. */
  readonly collapsed: ReadonlySet<string>;
}

interface TreeViews {
  readonly byDocument: Readonly<Record<string, TreeView>>;
  update(document: string, change: Partial<TreeView>): void;
}

const INITIAL: TreeView = { filter: '', sort: 'file', collapsed: new Set() };

export const useTreeViews = create<TreeViews>()((set) => ({
  byDocument: {},
  update: (document, change) =>
    set((state) => ({
      byDocument: { ...state.byDocument, [document]: { ...(state.byDocument[document] ?? INITIAL), ...change } },
    })),
}));

export function useTreeView(document: string): TreeView {
  return useTreeViews((state) => state.byDocument[document] ?? INITIAL);
}
