import type { Document, Listing } from '../contract.ts';
import type { ScalarStats } from '../scan/scalar-stats.ts';
import { type TensorScanner, wantedFirst } from '../scan/scan.ts';
import { inSlices } from '../slices.ts';
import { findPatterns } from './find-patterns.ts';
import { matches } from './matches.ts';
import { queryOf, termNeedsStatistics } from './parse.ts';
import type { Query, TensorFacts } from './query.ts';
import type { SearchOptions, Selection } from './selection.ts';

/** A document, or anything else that lists tensors. */
export type Searched = Pick<Document, 'listing' | 'lazy'>;

export interface SelectOptions extends SearchOptions {
  readonly scanner: TensorScanner;
}

/**
 * The tensors that meet a query. Names, dtypes and shapes are looked at first, and only what meets these is
 * read. Throws what `findPatterns` and `Scanner.scan` throw.
 */
export async function selectTensors(searched: Searched, query: Query, options: SelectOptions): Promise<Selection> {
  const listing = searched.listing();
  const candidates = await meetStructure(listing, query, options.signal);
  const { onFound } = options;
  if (!query.needsStatistics) {
    for (const row of candidates) onFound?.(listing.ids[row] ?? 0, null);
    return { tensors: candidates.map((row) => listing.ids[row] ?? 0), failures: [] };
  }
  return await meetStatistics({ searched, listing, candidates, query }, options);
}

/** Rows of the listing that meet all terms that need no statistics. */
async function meetStructure(listing: Listing, query: Query, signal: AbortSignal | undefined): Promise<number[]> {
  const structure = queryOf(query.terms.filter((term) => !termNeedsStatistics(term)));
  const patterns = await findPatterns(structure, listing.names);
  const found: number[] = [];
  await inSlices(
    listing.ids.keys(),
    (row) => {
      if (matches(structure, factsOf(listing, row, null), patterns)) found.push(row);
    },
    signal,
  );
  return found;
}

interface Candidates {
  readonly searched: Searched;
  readonly listing: Listing;
  readonly candidates: readonly number[];
  readonly query: Query;
}

async function meetStatistics(
  { searched, listing, candidates, query }: Candidates,
  { scanner, onFound, first = new Set(), ...follow }: SelectOptions,
): Promise<Selection> {
  const statistics = queryOf(query.terms.filter(termNeedsStatistics));
  const rows = new Map(candidates.map((row) => [listing.ids[row] ?? 0, row]));
  const ids = [...rows.keys()];
  const found = new Set<number>();
  const { failures } = await scanner.scan(
    { tensors: wantedFirst(ids, first), lazy: (id) => searched.lazy(id) },
    {
      ...follow,
      onResult: (id, known) => {
        if (!matches(statistics, factsOf(listing, rows.get(id) ?? 0, known))) return;
        found.add(id);
        onFound?.(id, known);
      },
    },
  );
  return { tensors: ids.filter((id) => found.has(id)), failures };
}

/** What the listing says of the tensor in a row. */
export function factsOf(listing: Listing, row: number, statistics: ScalarStats | null): TensorFacts {
  return {
    name: listing.names[row] ?? '',
    dtype: listing.dtypes[row] ?? 'float32',
    shape: listing.shapes[row] ?? [],
    bytes: listing.bytes[row] ?? 0,
    statistics,
  };
}
