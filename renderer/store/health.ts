import { create } from 'zustand';
import type { Finding, HealthEvent } from '../contract.ts';

/** What is known of the values of a document's tensors. */
export interface Health {
  /** By tensor id, where something stands out. */
  readonly findings: ReadonlyMap<number, readonly Finding[]>;
  /** Tensors whose values were looked at, and those that were not. */
  readonly scanned: number;
  readonly unread: number;
  readonly running: boolean;
  readonly reading: HealthEvent['reading'];
  /** Why some or all could not be looked at. */
  readonly problem: string | null;
}

interface HealthByDocument {
  readonly byDocument: Readonly<Record<string, Health>>;
  update(document: string, change: Partial<Health>): void;
  remove(document: string): void;
}

const UNKNOWN: Health = {
  findings: new Map(),
  scanned: 0,
  unread: 0,
  running: false,
  reading: { done: 0, total: 0 },
  problem: null,
};

export const useHealthStore = create<HealthByDocument>()((set) => ({
  byDocument: {},
  update: (document, change) =>
    set((state) => ({
      byDocument: { ...state.byDocument, [document]: { ...(state.byDocument[document] ?? UNKNOWN), ...change } },
    })),
  remove: (document) =>
    set((state) => {
      const { [document]: _closed, ...others } = state.byDocument;
      return { byDocument: others };
    }),
}));

export function useHealth(document: string): Health {
  return useHealthStore((state) => state.byDocument[document] ?? UNKNOWN);
}

const NOTHING: readonly Finding[] = [];

export function useFindings(document: string, tensor: number): readonly Finding[] {
  return useHealthStore((state) => state.byDocument[document]?.findings.get(tensor) ?? NOTHING);
}
