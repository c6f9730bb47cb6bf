import { fetchListing } from '../api/fetch-listing.ts';
import { useListings } from '../store/listings.ts';

/** Fetches the listing where the one we have is older than `revision`. */
export async function loadListing(document: string, revision: number, signal: AbortSignal): Promise<void> {
  if (useListings.getState().byDocument[document]?.revision === revision) return;
  const listing = await fetchListing(document, signal);
  if (!signal.aborted) useListings.getState().put(document, revision, listing);
}
