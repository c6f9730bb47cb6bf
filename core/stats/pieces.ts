import { type DType, dtypeInfo } from '../ndarray/dtype.ts';
import type { ElementRange, Piece, PieceKind } from './messages.ts';

/**
 * Large work is cut at positions that depend on the tensor alone, never on the number of threads, and
 * merged in order: the same file gives the same numbers, bit for bit, on every machine.
 */
export const PIECE_ELEMENTS = 2 ** 22;

/** A piece of statistics clears and returns a table of up to 256 KiB, which its size must dwarf. */
export const STATS_PIECE_ELEMENTS = 2 ** 23;

/** Whether statistics are taken by counting bit patterns. */
export function countsCodes(dtype: DType): boolean {
  const { bits, kind } = dtypeInfo(dtype);
  return kind !== 'quantized' && bits <= 16;
}

export function cut(elements: number, pieceElements: number): ElementRange[] {
  const pieces: ElementRange[] = [];
  for (let start = 0; start < elements; start += pieceElements) {
    pieces.push({ start, count: Math.min(pieceElements, elements - start) });
  }
  return pieces;
}

const BRIEF: ReadonlySet<PieceKind> = new Set<PieceKind>([
  'stats',
  'moments',
  'codes',
  'bins',
  'summarize',
  'straddlers',
  'digits',
  'diff',
  'verify',
]);

/** Whether a piece is of bounded size, some milliseconds of work, so that another one may well wait behind it. */
export function isBrief({ kind }: Piece): boolean {
  return BRIEF.has(kind);
}
