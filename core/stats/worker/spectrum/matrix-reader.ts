import type { MatrixPlan } from '../../spectrum/matrix-plan.ts';
import { BoxReader } from '../box-reader.ts';
import type { PieceContext } from '../context.ts';
import { CHUNK_ELEMENTS } from '../kernel-memory.ts';
import { toFloat64 } from '../moments.ts';

/** A part of a matrix: some of its lines (along its outer axis), and a run within each. */
export interface Box {
  readonly line: number;
  readonly lines: number;
  readonly start: number;
  readonly count: number;
}

/** Reads parts of a matrix as float64 values, in the worker's own memory. */
export class MatrixReader {
  readonly #context: PieceContext;
  readonly #plan: MatrixPlan;
  readonly #boxes: BoxReader;

  constructor(context: PieceContext, plan: MatrixPlan) {
    this.#context = context;
    this.#plan = plan;
    this.#boxes = new BoxReader(context, 0);
  }

  /** Calls `visit` for boxes that make up `box`, in the order of the memory, with the address of their values, line by line. */
  read(box: Box, visit: (at: number, part: Box) => void): void {
    const { outer, inner } = this.#plan;
    // Runs that lie apart are read one by one: what is between them is not.
    const apart = inner.stride === 1 && (outer.stride !== inner.count || box.count !== inner.count);
    const atOnce = apart ? 1 : Math.max(1, Math.floor(CHUNK_ELEMENTS / box.count));
    const stop = box.line + box.lines;
    const end = box.start + box.count;
    for (let line = box.line; line < stop; line += atOnce) {
      for (let start = box.start; start < end; start += CHUNK_ELEMENTS) {
        const lines = Math.min(atOnce, stop - line);
        const part = { line, lines, start, count: Math.min(CHUNK_ELEMENTS, end - start) };
        visit(this.#load(part), part);
      }
    }
  }

  #load({ line, lines, start, count }: Box): number {
    const { first, outer, inner } = this.#plan;
    const along = { count, stride: inner.stride, out: 1 };
    const axes = lines === 1 ? [along] : [{ count: lines, stride: outer.stride, out: count }, along];
    const at = this.#boxes.load(first + line * outer.stride + start * inner.stride, axes);
    toFloat64(this.#context.memory, this.#boxes.lanes, { at, n: lines * count });
    return at;
  }
}
