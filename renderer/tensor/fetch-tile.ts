import { fetchBytes } from '../api/bytes.ts';
import type { CellBlock } from '../contract.ts';
import { CellReader } from './cell-format.ts';
import { extentOfSlice, type SliceView } from './slice-view.ts';
import { type FetchTile, TILE_COLUMNS, TILE_ROWS } from './tile-cache.ts';

export interface TileSource {
  readonly document: string;
  readonly tensor: number;
  readonly shape: readonly number[];
  readonly view: SliceView;
}

/** Reads tiles of one slice from `/bytes/cells`. */
export function tileFetcher({ document, tensor, shape, view }: TileSource): FetchTile {
  const extent = extentOfSlice(shape, view);
  return async (place, signal) => {
    const rows = spanOf(place.row * TILE_ROWS, TILE_ROWS, extent.rows);
    const columns = spanOf(place.column * TILE_COLUMNS, TILE_COLUMNS, extent.columns);
    const ranges = shape.map((_, axis) => {
      if (axis === view.rowAxis) return `${rows.start}:${rows.count}:1`;
      if (axis === view.columnAxis) return `${columns.start}:${columns.count}:1`;
      return `${view.index[axis] ?? 0}:1:1`;
    });
    const path = `cells/${encodeURIComponent(document)}/${tensor}?ranges=${ranges.join(',')}`;
    const { body, meta } = await fetchBytes(path, signal);
    const { dtype, encoding } = meta as unknown as Pick<CellBlock, 'dtype' | 'encoding'>;
    // The block is in the order of the tensor's axes, whichever of them runs down.
    const transposed = view.rowAxis !== null && view.columnAxis !== null && view.rowAxis > view.columnAxis;
    return {
      cells: new CellReader({ dtype, encoding, body }),
      positionOf: transposed
        ? (row, column) => column * rows.count + row
        : (row, column) => row * columns.count + column,
    };
  };
}

function spanOf(start: number, wanted: number, size: number): { start: number; count: number } {
  return { start, count: Math.min(wanted, size - start) };
}
