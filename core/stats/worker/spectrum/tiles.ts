import type { PieceOf } from '../../messages.ts';
import type { Algebra } from '../algebra.ts';
import type { PieceContext } from '../context.ts';
import { type Box, MatrixReader } from './matrix-reader.ts';

/** A worker's part in a spectrum: where it reads, and where it computes. */
export class SpectrumWork {
  readonly context: PieceContext;
  readonly algebra: Algebra;
  readonly plan: PieceOf<'spectrum'>['plan'];
  readonly #factor: number;
  readonly #reader: MatrixReader;

  constructor(context: PieceContext, algebra: Algebra, { plan, exponent }: PieceOf<'spectrum'>) {
    this.context = context;
    this.algebra = algebra;
    this.plan = plan;
    this.#factor = 2 ** -exponent;
    this.#reader = new MatrixReader(context, plan);
  }

  /** Throws `CancelledError` once the job is cancelled. */
  breathe(): void {
    this.context.advance(0);
  }

  /** Writes a box, scaled, to `at` in the shared memory, its lines `stride` values apart. */
  load(box: Box, { at, stride }: { readonly at: number; readonly stride: number }): void {
    const { memory } = this.context;
    const { f64 } = this.algebra;
    this.#reader.read(box, (values, part) => {
      memory.kernels.scaleF64(values, part.lines * part.count, this.#factor);
      const to = at / 8 + (part.line - box.line) * stride + (part.start - box.start);
      // One copy where the lines lie as they will, as most do.
      const [runs, length] = part.count === stride ? [1, part.lines * part.count] : [part.lines, part.count];
      for (let k = 0; k < runs; k++) {
        const from = values / 8 + k * length;
        f64.set(memory.f64.subarray(from, from + length), to + k * stride);
      }
    });
  }
}
