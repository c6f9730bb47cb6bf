import { expect, test } from 'vitest';
import { CellReader } from '../../../renderer/tensor/cell-format.ts';
import {
  TILE_COLUMNS,
  TILE_ROWS,
  type Tile,
  TileCache,
  type TilePlace,
  tilesFor,
} from '../../../renderer/tensor/tile-cache.ts';

interface Request {
  readonly place: TilePlace;
  readonly signal: AbortSignal;
  readonly answer: (value: number) => Promise<void>;
  readonly fail: (error: Error) => Promise<void>;
}

/** A cache whose host answers when the test says so. */
function cacheWithHost(): { cache: TileCache; requests: Request[]; changes: () => number } {
  const requests: Request[] = [];
  let changed = 0;
  const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
  const fetch = (place: TilePlace, signal: AbortSignal): Promise<Tile> =>
    new Promise((resolve, reject) => {
      requests.push({
        place,
        signal,
        answer: (value) => {
          const body = new Float64Array(TILE_ROWS * TILE_COLUMNS).fill(value).buffer;
          const cells = new CellReader({ dtype: 'float64', encoding: 'float64', body });
          resolve({ cells, positionOf: (row, column) => row * TILE_COLUMNS + column });
          return settled();
        },
        fail: (error) => {
          reject(error);
          return settled();
        },
      });
    });
  return { cache: new TileCache(fetch, () => changed++), requests, changes: () => changed };
}

const ORIGIN = { row: 0, column: 0 };
const NEXT = { row: 0, column: 1 };

test('a cell is there once its tile has come', async () => {
  const { cache, requests, changes } = cacheWithHost();
  cache.want([ORIGIN]);
  expect(cache.at(3, 3)).toBeNull();
  await requests[0]!.answer(7);
  expect(cache.at(3, 3)?.text).toBe('7');
  expect(cache.at(3, TILE_COLUMNS)).toBeNull();
  expect(changes()).toBe(1);
});

test('what is here or on its way is not asked for twice', async () => {
  const { cache, requests } = cacheWithHost();
  cache.want([ORIGIN]);
  cache.want([ORIGIN, NEXT]);
  await requests[0]!.answer(1);
  cache.want([ORIGIN, NEXT]);
  expect(requests.map((request) => request.place)).toEqual([ORIGIN, NEXT]);
});

test('what is no longer wanted is aborted, and its late answer changes nothing', async () => {
  const { cache, requests, changes } = cacheWithHost();
  cache.want([ORIGIN]);
  cache.want([NEXT]);
  expect(requests[0]!.signal.aborted).toBe(true);
  await requests[0]!.answer(1);
  expect(cache.at(0, 0)).toBeNull();
  expect(changes()).toBe(0);
});

test('after a change old values stay until the new ones are here', async () => {
  const { cache, requests } = cacheWithHost();
  cache.want([ORIGIN]);
  await requests[0]!.answer(1);
  cache.invalidate();
  cache.want([ORIGIN]);
  expect(cache.at(0, 0)?.text).toBe('1');
  await requests[1]!.answer(2);
  expect(cache.at(0, 0)?.text).toBe('2');
});

test('a failure is told, and forgotten once a tile arrives', async () => {
  const { cache, requests } = cacheWithHost();
  cache.want([ORIGIN, NEXT]);
  await requests[0]!.fail(new Error('The file is gone.'));
  expect(cache.failure).toMatchObject({ message: 'The file is gone.' });
  await requests[1]!.answer(1);
  expect(cache.failure).toBeNull();
});

test('tiles in view come before those around them, and none lies outside', () => {
  const window = { rows: { start: 60, stop: 70 }, columns: { start: 0, stop: 10 } };
  const places = tilesFor(window, { rows: 150_000, columns: 20 });
  expect(places.slice(0, 2)).toEqual([
    { row: 0, column: 0 },
    { row: 1, column: 0 },
  ]);
  expect(places).toHaveLength(6);
  expect(tilesFor({ rows: { start: 0, stop: 1 }, columns: { start: 0, stop: 1 } }, { rows: 1, columns: 1 })).toEqual([
    ORIGIN,
  ]);
  expect(tilesFor({ rows: { start: 0, stop: 0 }, columns: { start: 0, stop: 0 } }, { rows: 0, columns: 0 })).toEqual(
    [],
  );
});
