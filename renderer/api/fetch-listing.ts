import { fetchBytes } from './bytes.ts';
import { decodeListing, type Listing } from './listing.ts';

export async function fetchListing(document: string, signal?: AbortSignal): Promise<Listing> {
  const { body } = await fetchBytes(`listing/${encodeURIComponent(document)}`, signal);
  return decodeListing(body);
}
