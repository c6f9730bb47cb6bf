/** A half-open span of indices along one axis. */
export type Span = readonly [start: number, stop: number];

/** The part of a matrix that is in the picture. */
export interface MatrixWindow {
  readonly rows: Span;
  readonly columns: Span;
}

export interface MatrixSize {
  readonly rows: number;
  readonly columns: number;
}

/** A point of the picture: 0, 0 is its upper left corner and 1, 1 its lower right one. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

export function wholeMatrix({ rows, columns }: MatrixSize): MatrixWindow {
  return { rows: [0, rows], columns: [0, columns] };
}

/** Shrinks (`factor` below 1) or grows the window about a point that stays where it is. */
export function zoomed(window: MatrixWindow, size: MatrixSize, zoom: { factor: number; about: Point }): MatrixWindow {
  return {
    rows: zoomedSpan(window.rows, size.rows, zoom.factor, zoom.about.y),
    columns: zoomedSpan(window.columns, size.columns, zoom.factor, zoom.about.x),
  };
}

const LEAST = 2;

function zoomedSpan([start, stop]: Span, size: number, factor: number, about: number): Span {
  const length = stop - start;
  const wanted = factor < 1 ? Math.floor(length * factor) : Math.ceil(length * factor);
  const next = Math.min(size, Math.max(Math.min(LEAST, size), wanted));
  const from = Math.round(start + about * (length - next));
  return placed(from, next, size);
}

/** Moves the window by a share of what it shows. */
export function panned(window: MatrixWindow, size: MatrixSize, by: Point): MatrixWindow {
  return {
    rows: pannedSpan(window.rows, size.rows, by.y),
    columns: pannedSpan(window.columns, size.columns, by.x),
  };
}

function pannedSpan([start, stop]: Span, size: number, by: number): Span {
  const length = stop - start;
  return placed(start + Math.round(by * length), length, size);
}

function placed(start: number, length: number, size: number): Span {
  const from = Math.min(Math.max(0, start), size - length);
  return [from, from + length];
}

/** How far a key or a button moves the window, as a share of what it shows. */
const STEP = 0.25;
const CENTRE = { x: 0.5, y: 0.5 };

export const ZOOM_IN = 0.5;
export const ZOOM_OUT = 2;

/** About the middle of what is shown. */
export function zoomedBy(factor: number, window: MatrixWindow, size: MatrixSize): MatrixWindow {
  return zoomed(window, size, { factor, about: CENTRE });
}

export type Direction = 'left' | 'right' | 'up' | 'down';

const DIRECTIONS: Readonly<Record<Direction, Point>> = {
  left: { x: -STEP, y: 0 },
  right: { x: STEP, y: 0 },
  up: { x: 0, y: -STEP },
  down: { x: 0, y: STEP },
};

export function moved(direction: Direction, window: MatrixWindow, size: MatrixSize): MatrixWindow {
  return panned(window, size, DIRECTIONS[direction]);
}

/** What a key does to the window; null for keys that do nothing to it. */
export function windowAfterKey(key: string, window: MatrixWindow, size: MatrixSize): MatrixWindow | null {
  switch (key) {
    case 'ArrowLeft':
      return moved('left', window, size);
    case 'ArrowRight':
      return moved('right', window, size);
    case 'ArrowUp':
      return moved('up', window, size);
    case 'ArrowDown':
      return moved('down', window, size);
    case '+':
    case '=':
      return zoomedBy(ZOOM_IN, window, size);
    case '-':
      return zoomedBy(ZOOM_OUT, window, size);
    case 'Home':
      return wholeMatrix(size);
    default:
      return null;
  }
}

export interface Picture {
  readonly width: number;
  readonly height: number;
}

const LARGEST_CELL = 40;
/** A matrix with more elements than pixels is stretched: squares would leave a strip of an embedding. */
const LARGEST_STRETCHED_CELL = 6;
const THINNEST = 96;

/** How large to draw a window in the room there is: square cells where they fit, stretched where the matrix is long. */
export function displaySize({ rows, columns }: MatrixSize, room: Picture): Picture {
  const scale = Math.min(room.width / columns, room.height / rows, LARGEST_CELL);
  const cell = scale < 1 ? LARGEST_STRETCHED_CELL : scale;
  return { width: sideOf(columns, cell, room.width), height: sideOf(rows, cell, room.height) };
}

function sideOf(elements: number, cell: number, room: number): number {
  const least = Math.min(THINNEST, elements * LARGEST_CELL);
  return Math.max(1, Math.floor(Math.min(room, Math.max(elements * cell, least))));
}

/** The indices under one pixel of a picture of `pixels` pixels. */
export function indicesUnder(pixel: number, pixels: number, [start, stop]: Span): Span {
  const length = stop - start;
  const from = Math.floor((pixel * length) / pixels);
  const to = Math.max(from + 1, Math.floor(((pixel + 1) * length) / pixels));
  return [start + from, start + to];
}

export function formatSpan([start, stop]: Span): string {
  return stop - start <= 1 ? String(start) : `${start}–${stop - 1}`;
}
