import type { Span } from './matrix-plan.ts';

/** What a worker does of a spectrum; addresses are of the shared memory, sizes in float64 values unless they say bytes. */
export type SpectrumStep =
  | AbsorbStep
  | DecomposeStep
  | ({ readonly kind: 'multiply' } & ProductStep)
  | ({ readonly kind: 'multiply-transposed' } & ProductStep)
  | OrthonormalizeStep
  | RotateStep;

/** QR of the lines (or columns, where those are fewer than lines) of a span below a triangle. Nothing that is read is written. */
export interface AbsorbStep extends Span {
  readonly kind: 'absorb';
  /** Null for the first span of a part. */
  readonly from: number | null;
  readonly to: number;
  readonly scratch: number;
}

/** From the triangles of all parts, in order, to the singular values. */
export interface DecomposeStep {
  readonly kind: 'decompose';
  readonly parts: readonly { readonly triangle: number; readonly copy: number }[];
  /** Room for `4 n` values. */
  readonly scratch: number;
  readonly values: number;
}

/** `product[span] = matrix[span, :] · vectors`, or of the transpose. */
export interface ProductStep extends Span {
  readonly vectors: number;
  readonly product: number;
  /** Columns of both: panels of 8, one after the other. */
  readonly width: number;
  readonly tile: number;
}

/** Block Gram–Schmidt: the product's columns, made orthonormal to each other and to those before them, as the next of a basis. */
export interface OrthonormalizeStep {
  readonly kind: 'orthonormalize';
  readonly rows: number;
  readonly width: number;
  readonly basis: number;
  /** Columns that the basis has already. */
  readonly known: number;
  readonly product: number;
  /** Fills the product with normal values first. */
  readonly random: boolean;
  /** Room for 64 values and the product, column by column. */
  readonly scratch: number;
  /** What the product is made of: `known + width` values, then zeros, for each of its columns, `stride` apart. */
  readonly coefficients: number;
  readonly stride: number;
  /** A column that is shorter, once what is known is taken out of it, is replaced by a random one. */
  readonly least: number;
  readonly seed: number;
}

/** Singular values of the square matrix of coefficients, of `order` columns, and how far they may be off. */
export interface RotateStep {
  readonly kind: 'rotate';
  readonly coefficients: number;
  readonly order: number;
  /** What the last block leaves outside of the basis: a square matrix of `width`, its columns `stride` apart. */
  readonly outside: number;
  readonly width: number;
  readonly stride: number;
  readonly values: number;
  readonly residuals: number;
  /** Room for the coefficients and `order` values. */
  readonly scratch: number;
}

/** Lines and places of a tile, which stays in the cache while a block of vectors passes over it. */
export const TILE = { lines: 64, places: 1024 } as const;
/** Neighbouring lines of a tile must not fall on the same lines of the cache. */
export const TILE_STRIDE = TILE.places + 8;

/** Rows that a triangle takes in at once. */
export function rowsAtOnce(order: number): number {
  return Math.min(1024, Math.max(32, Math.floor(16_384 / order)));
}

/** Room that rows take on their way into a triangle: the rows, a tile that they are turned round from, and a reflection. */
export function absorbScratch(order: number): number {
  const rows = rowsAtOnce(order);
  return 2 * rows * order + rows + order;
}
