import { type DType, dtypeInfo } from '../ndarray/dtype.ts';
import type { ElementRange } from './messages.ts';

/**
 * Large work is cut at positions that depend on the tensor alone, never on the number of threads, and
 * merged in order: the same file gives the same numbers, bit for bit, on every machine.
 */
export const PIECE_ELEMENTS = 2 ** 21;

/** A piece of counting clears and returns a table of up to 256 KiB, which its size must dwarf. */
const CODE_PIECE_ELEMENTS = 2 ** 23;

/** Whether statistics are taken by counting bit patterns. */
export function countsCodes(dtype: DType): boolean {
  const { bits, kind } = dtypeInfo(dtype);
  return kind !== 'quantized' && bits <= 16;
}

/** How many elements one piece of statistics takes. */
export function statsPieceElements(dtype: DType): number {
  return countsCodes(dtype) ? CODE_PIECE_ELEMENTS : PIECE_ELEMENTS;
}

export function cut(elements: number, pieceElements: number): ElementRange[] {
  const pieces: ElementRange[] = [];
  for (let start = 0; start < elements; start += pieceElements) {
    pieces.push({ start, count: Math.min(pieceElements, elements - start) });
  }
  return pieces;
}
