import type { PieceOf, PieceResults } from '../../messages.ts';
import { algebraIn } from '../algebra.ts';
import type { PieceContext } from '../context.ts';
import { decompose } from './decompose.ts';
import { orthonormalize } from './orthonormalize.ts';
import { multiply, multiplyTransposed } from './products.ts';
import { rotate } from './rotate.ts';
import { SpectrumWork } from './tiles.ts';
import { absorb } from './triangles.ts';

/** One step of a spectrum; what it finds stays in the shared memory. */
export function spectrum(context: PieceContext, piece: PieceOf<'spectrum'>): PieceResults['spectrum'] {
  run(new SpectrumWork(context, algebraIn(piece.memory), piece), piece.step);
  return null;
}

function run(work: SpectrumWork, step: PieceOf<'spectrum'>['step']): void {
  switch (step.kind) {
    case 'absorb':
      absorb(work, step);
      return;
    case 'decompose':
      decompose(work, step);
      return;
    case 'multiply':
      multiply(work, step);
      return;
    case 'multiply-transposed':
      multiplyTransposed(work, step);
      return;
    case 'orthonormalize':
      orthonormalize(work, step);
      return;
    case 'rotate':
      rotate(work, step);
      return;
  }
}
