import type { PieceOf, PieceResults } from '../messages.ts';
import { BLOCK_LINES } from '../norms-plan.ts';
import { boxValues } from './box-values.ts';
import type { PieceContext } from './context.ts';
import { ADDRESS, CHUNK_ELEMENTS } from './kernel-memory.ts';

const SQUARES = ADDRESS.digitTables;
const MOST = SQUARES + BLOCK_LINES * 8;
const OTHERS = MOST + BLOCK_LINES * 8;

/** Sums of squares, largest magnitudes and counts of values that are not finite, of a block of lines. */
export function norms(context: PieceContext, piece: PieceOf<'norms'>): PieceResults['norms'] {
  const { f64, bytes } = context.memory;
  bytes.fill(0, SQUARES, OTHERS + BLOCK_LINES * 8);
  if (piece.plan.lines.stride < piece.plan.along.stride) across(context, piece);
  else along(context, piece);
  const copy = (at: number): Float64Array => f64.slice(at / 8, at / 8 + piece.lines);
  return { squares: copy(SQUARES), most: copy(MOST), others: copy(OTHERS) };
}

/** Lines that run through the memory: each is a run, or part of one. */
function along(context: PieceContext, { plan, firstLine, lines, start, stop }: PieceOf<'norms'>): void {
  const values = boxValues(context);
  const step = Math.max(1, Math.floor(CHUNK_ELEMENTS / Math.max(1, stop - start)));
  for (let line = 0; line < lines; line += step) {
    const count = Math.min(step, lines - line);
    for (let from = start; from < stop; from += CHUNK_ELEMENTS) {
      const length = Math.min(CHUNK_ELEMENTS, stop - from);
      const first = plan.first + (firstLine + line) * plan.lines.stride + from * plan.along.stride;
      const at = values.load(first, [
        { count, stride: plan.lines.stride, out: length },
        { count: length, stride: plan.along.stride, out: 1 },
      ]);
      for (let k = 0; k < count; k++) {
        const to = 8 * (line + k);
        context.memory.kernels.normsOfLine(at + 8 * k * length, length, SQUARES + to, MOST + to, OTHERS + to);
      }
    }
  }
}

/** Lines that the memory runs across: each run of elements adds one to every line of the block. */
function across(context: PieceContext, { plan, firstLine, lines, start, stop }: PieceOf<'norms'>): void {
  const values = boxValues(context);
  const step = Math.max(1, Math.floor(CHUNK_ELEMENTS / lines));
  for (let from = start; from < stop; from += step) {
    const count = Math.min(step, stop - from);
    const at = values.load(plan.first + firstLine * plan.lines.stride + from * plan.along.stride, [
      { count, stride: plan.along.stride, out: lines },
      { count: lines, stride: plan.lines.stride, out: 1 },
    ]);
    for (let k = 0; k < count; k++) {
      context.memory.kernels.normsAcross(at + 8 * k * lines, lines, SQUARES, MOST, OTHERS);
    }
  }
}
