import { create } from 'zustand';
import type { DeviceTotal, DocumentSummary } from '../contract.ts';
import { useComparisons } from './comparisons.ts';

interface Documents {
  /** In the order of their tabs. */
  readonly order: readonly string[];
  readonly byId: Readonly<Record<string, DocumentSummary>>;
  /** The tab in view: a document or a comparison. */
  readonly active: string | null;
  /** Adds a document or replaces what is known of it, unless something newer is known. */
  put(summary: DocumentSummary): void;
  /** What its live Parameters take on devices, which changes without a new revision. */
  putDevices(id: string, devices: readonly DeviceTotal[]): void;
  /** What the host has open: the rest is gone. */
  replaceAll(summaries: readonly DocumentSummary[]): void;
  remove(id: string): void;
  /** `null` shows the welcome page. */
  activate(id: string | null): void;
}

export const useDocuments = create<Documents>()((set) => ({
  order: [],
  byId: {},
  active: null,
  put: (summary) =>
    set((state) => {
      const known = state.byId[summary.id];
      if (known && known.revision > summary.revision) return state;
      return {
        order: known ? state.order : [...state.order, summary.id],
        byId: { ...state.byId, [summary.id]: summary },
      };
    }),
  putDevices: (id, devices) =>
    set((state) => {
      const known = state.byId[id];
      return known ? { byId: { ...state.byId, [id]: { ...known, devices } } } : state;
    }),
  replaceAll: (summaries) =>
    set((state) => {
      const order = summaries.map((summary) => summary.id);
      const isThere = (tab: string): boolean => order.includes(tab) || tab in useComparisons.getState().byId;
      const active = state.active !== null && isThere(state.active) ? state.active : (order.at(-1) ?? null);
      return { order, active, byId: Object.fromEntries(summaries.map((summary) => [summary.id, summary])) };
    }),
  remove: (id) =>
    set((state) => {
      const at = state.order.indexOf(id);
      if (at < 0) return state;
      const order = state.order.filter((other) => other !== id);
      const { [id]: _, ...byId } = state.byId;
      const active = state.active === id ? (order[Math.min(at, order.length - 1)] ?? null) : state.active;
      return { order, byId, active };
    }),
  activate: (id) => set({ active: id }),
}));

export function useActiveDocument(): DocumentSummary | null {
  return useDocuments((state) => (state.active === null ? null : (state.byId[state.active] ?? null)));
}
