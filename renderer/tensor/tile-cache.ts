import { isCancelled } from '../api/errors.ts';
import type { CellReader, CellText } from './cell-format.ts';

export const TILE_ROWS = 64;
export const TILE_COLUMNS = 16;

/** About 8 MB of values: several screens around the one in view. */
const CAPACITY = 512;

/** A block of cells by its place in the grid of tiles. */
export interface TilePlace {
  readonly row: number;
  readonly column: number;
}

export interface Tile {
  readonly cells: CellReader;
  /** Place of a cell of this tile, counted from the tile's corner, in the block that was read. */
  readonly positionOf: (row: number, column: number) => number;
}

export type FetchTile = (place: TilePlace, signal: AbortSignal) => Promise<Tile>;

interface Slot {
  readonly tile: Tile;
  readonly generation: number;
}

/**
 * The cells that were pulled from the host, least recently used first. What is on its way but no
 * longer wanted is aborted. After `invalidate` old values stay visible until the new ones are here.
 */
export class TileCache {
  readonly #fetch: FetchTile;
  readonly #onChange: () => void;
  readonly #slots = new Map<string, Slot>();
  readonly #pending = new Map<string, AbortController>();
  #generation = 0;
  #failure: unknown = null;

  constructor(fetch: FetchTile, onChange: () => void) {
    this.#fetch = fetch;
    this.#onChange = onChange;
  }

  /** Why the last tile that failed could not be read; null once one arrives. */
  get failure(): unknown {
    return this.#failure;
  }

  /** The text of a cell, or null where it has not been read yet. */
  at(row: number, column: number): CellText | null {
    const slot = this.#slots.get(
      keyOf({ row: Math.floor(row / TILE_ROWS), column: Math.floor(column / TILE_COLUMNS) }),
    );
    if (!slot) return null;
    const { cells, positionOf } = slot.tile;
    return cells.at(positionOf(row % TILE_ROWS, column % TILE_COLUMNS));
  }

  /** Fetches what is missing of `places`, first ones first, and forgets about every other request. */
  want(places: readonly TilePlace[]): void {
    const keys = new Set(places.map(keyOf));
    for (const [key, controller] of this.#pending) {
      if (keys.has(key)) continue;
      controller.abort();
      this.#pending.delete(key);
    }
    for (const place of places) this.#load(place);
  }

  invalidate(): void {
    this.#generation++;
    this.#failure = null;
    this.dropRequests();
  }

  dropRequests(): void {
    for (const controller of this.#pending.values()) controller.abort();
    this.#pending.clear();
  }

  #load(place: TilePlace): void {
    const key = keyOf(place);
    const known = this.#slots.get(key);
    if (known) {
      this.#slots.delete(key);
      this.#slots.set(key, known);
    }
    if (known?.generation === this.#generation || this.#pending.has(key)) return;
    const controller = new AbortController();
    const generation = this.#generation;
    this.#pending.set(key, controller);
    this.#fetch(place, controller.signal).then(
      (tile) => {
        if (controller.signal.aborted) return;
        this.#pending.delete(key);
        this.#failure = null;
        this.#keep(key, { tile, generation });
        this.#onChange();
      },
      (error: unknown) => {
        if (controller.signal.aborted) return;
        this.#pending.delete(key);
        if (isCancelled(error)) return;
        this.#failure = error;
        this.#onChange();
      },
    );
  }

  #keep(key: string, slot: Slot): void {
    this.#slots.delete(key);
    this.#slots.set(key, slot);
    for (const oldest of this.#slots.keys()) {
      if (this.#slots.size <= CAPACITY) return;
      this.#slots.delete(oldest);
    }
  }
}

function keyOf({ row, column }: TilePlace): string {
  return `${row}/${column}`;
}

interface CellWindow {
  readonly rows: { readonly start: number; readonly stop: number };
  readonly columns: { readonly start: number; readonly stop: number };
}

/** The tiles under a window of cells, then those around it. */
export function tilesFor(window: CellWindow, extent: { readonly rows: number; readonly columns: number }): TilePlace[] {
  const last = { row: Math.ceil(extent.rows / TILE_ROWS) - 1, column: Math.ceil(extent.columns / TILE_COLUMNS) - 1 };
  const from = {
    row: Math.floor(window.rows.start / TILE_ROWS),
    column: Math.floor(window.columns.start / TILE_COLUMNS),
  };
  const to = {
    row: Math.ceil(window.rows.stop / TILE_ROWS) - 1,
    column: Math.ceil(window.columns.stop / TILE_COLUMNS) - 1,
  };
  const inside: TilePlace[] = [];
  const around: TilePlace[] = [];
  for (let row = Math.max(0, from.row - 1); row <= Math.min(last.row, to.row + 1); row++) {
    for (let column = Math.max(0, from.column - 1); column <= Math.min(last.column, to.column + 1); column++) {
      const visible = row >= from.row && row <= to.row && column >= from.column && column <= to.column;
      (visible ? inside : around).push({ row, column });
    }
  }
  return [...inside, ...around];
}
