import { create } from 'zustand';
import type { Listing } from '../api/listing.ts';

/** What is known of the tensors of each open document: names, shapes, dtypes; never values. */
interface Listings {
  readonly byDocument: Readonly<Record<string, { readonly revision: number; readonly listing: Listing }>>;
  put(document: string, revision: number, listing: Listing): void;
  remove(document: string): void;
}

export const useListings = create<Listings>()((set) => ({
  byDocument: {},
  put: (document, revision, listing) =>
    set((state) => ({ byDocument: { ...state.byDocument, [document]: { revision, listing } } })),
  remove: (document) =>
    set((state) => {
      const { [document]: _, ...byDocument } = state.byDocument;
      return { byDocument };
    }),
}));
