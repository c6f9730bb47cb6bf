import { InvalidArgumentError } from '../errors.ts';
import type { Shape } from '../ndarray/shape.ts';
import type { MatrixSlice } from './engine.ts';
import { type MatrixAxis, matrixAxes } from './matrix-slice.ts';

/** The lines that get a norm each, and the axis that a line runs along. */
export interface NormsPlan {
  /** The first element of the matrix. */
  readonly first: number;
  readonly lines: MatrixAxis;
  readonly along: MatrixAxis;
}

/** A block of lines and a stretch of their length. */
export interface NormsPiece {
  readonly firstLine: number;
  readonly lines: number;
  readonly start: number;
  readonly stop: number;
}

/** Lines of one piece: what a worker has room for. */
export const BLOCK_LINES = 65_536;
/** Above this many lines the answer itself would be too large. */
const MOST_LINES = 2 ** 22;
const PIECE_ELEMENTS = 2 ** 21;
/** Stretches that lines across the memory are cut into, so that several workers share them. */
const STRETCHES = 8;

/** The first axis against all others, as one writes the weights of a layer: a row for each of its outputs. */
function flattened(shape: Shape): Shape {
  const [rows = 1, ...others] = shape;
  return [rows, others.reduce((product, size) => product * size, 1)];
}

/**
 * `slice` null is the whole tensor, its first axis against all others.
 *
 * @throws InvalidArgumentError where the slice is none of the tensor's, or has too many lines.
 */
export function planNorms(shape: Shape, slice: MatrixSlice | null, lines: 'row' | 'column'): NormsPlan {
  if (slice === null) {
    return planNorms(flattened(shape), { rowAxis: 0, columnAxis: 1, index: [0, 0] }, lines);
  }
  const { first, rows: row, columns: column } = matrixAxes(shape, slice);
  const plan = lines === 'row' ? { first, lines: row, along: column } : { first, lines: column, along: row };
  if (plan.lines.count <= MOST_LINES) return plan;
  throw new InvalidArgumentError(`At most ${MOST_LINES} norms come at once; the matrix has ${plan.lines.count} lines.`);
}

/** Cuts at positions that depend on the matrix alone. Pieces of one block of lines follow each other. */
export function cutNorms({ lines, along }: NormsPlan): NormsPiece[] {
  const across = lines.stride < along.stride;
  const perPiece = Math.max(1, Math.floor(PIECE_ELEMENTS / Math.max(1, along.count)));
  const block = Math.min(BLOCK_LINES, across ? BLOCK_LINES : perPiece);
  const stretch = across ? Math.max(1, Math.ceil(along.count / STRETCHES)) : Math.max(1, along.count);
  const pieces: NormsPiece[] = [];
  for (let firstLine = 0; firstLine < lines.count; firstLine += block) {
    for (let start = 0; start < along.count; start += stretch) {
      const stop = Math.min(start + stretch, along.count);
      pieces.push({ firstLine, lines: Math.min(block, lines.count - firstLine), start, stop });
    }
  }
  return pieces;
}
