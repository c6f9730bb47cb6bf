import { type DType, dtypeInfo } from '../ndarray/dtype.ts';
import type { ElementRange } from './messages.ts';

/**
 * Large work is cut at positions that depend on the tensor alone, never on the number of threads, and
 * merged in order: the same file gives the same numbers, bit for bit, on every machine.
 */
export const PIECE_ELEMENTS = 2 ** 21;

/** A piece of counting returns a table of 256 KiB, which its size must dwarf. */
const CODE_PIECE_ELEMENTS = 2 ** 23;

/** Below this many 16-bit elements the table costs more than the counting. */
const MIN_ELEMENTS_TO_COUNT_16 = 2 ** 17;

/** Whether statistics are taken by counting bit patterns. */
export function countsCodes(dtype: DType, elements: number): boolean {
  const { bits, kind } = dtypeInfo(dtype);
  if (kind === 'quantized') return false;
  return bits <= 8 || (bits === 16 && elements >= MIN_ELEMENTS_TO_COUNT_16);
}

/** How many elements one piece of statistics takes. */
export function statsPieceElements(dtype: DType, elements: number): number {
  return countsCodes(dtype, elements) ? CODE_PIECE_ELEMENTS : PIECE_ELEMENTS;
}

export function cut(elements: number, pieceElements: number): ElementRange[] {
  const pieces: ElementRange[] = [];
  for (let start = 0; start < elements; start += pieceElements) {
    pieces.push({ start, count: Math.min(pieceElements, elements - start) });
  }
  return pieces;
}
