import { useEffect, useReducer, useRef, useState } from 'react';
import { type TileSource, tileFetcher } from './fetch-tile.ts';
import { TileCache, type TilePlace } from './tile-cache.ts';

interface TilesSpec {
  /** Fixed for the life of the component: another slice is another component. */
  readonly source: TileSource;
  /** Values may have changed when it rises. */
  readonly revision: number;
  readonly places: readonly TilePlace[];
}

/** The tiles of the slice in view; the component draws again when one arrives. */
export function useTiles({ source, revision, places }: TilesSpec): TileCache {
  const [, drawAgain] = useReducer((n: number) => n + 1, 0);
  const [cache] = useState(() => new TileCache(tileFetcher(source), drawAgain));
  const seen = useRef(revision);
  const wanted = JSON.stringify(places);

  useEffect(() => () => cache.dropRequests(), [cache]);
  useEffect(() => {
    if (seen.current !== revision) cache.invalidate();
    seen.current = revision;
    cache.want(JSON.parse(wanted) as TilePlace[]);
  }, [cache, revision, wanted]);
  return cache;
}
