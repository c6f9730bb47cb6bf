import type { Listing } from '../api/listing.ts';
import type { TreeRow } from './flatten.ts';

/** By document; no view depends on it, and it changes with every scroll. */
const byDocument = new Map<string, readonly number[]>();

/** Notes which rows of a document's tree are on screen. */
export function noteVisible(document: string, listing: Listing, rows: readonly TreeRow[]): void {
  const positions = rows.filter(({ node }) => node.tensor >= 0).map(({ node }) => node.tensor);
  byDocument.set(
    document,
    positions.map((position) => listing.ids[position] ?? 0),
  );
}

/** The tensors on screen, which are read before the others. */
export function visibleTensors(document: string): number[] {
  return [...(byDocument.get(document) ?? [])];
}
