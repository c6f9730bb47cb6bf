import type { DecomposeStep } from '../../spectrum/steps.ts';
import type { Algebra } from '../algebra.ts';
import type { SpectrumWork } from './tiles.ts';

/** Halvings of the range: beyond these, rounding has made the matrix what it is. */
const HALVINGS = 60;
/** Shifts that one count handles. */
const AT_ONCE = 4;
/** What this share of the largest value does not reach is 0. */
const NOTHING = 2 ** -200;

/** A bidiagonal matrix. */
interface Bidiagonal {
  readonly order: number;
  readonly diagonal: number;
  readonly beside: number;
  /** Room for eight values. */
  readonly shifts: number;
}

/** Singular values of triangles one below the other, in float64: to one triangle, to bidiagonal form, by bisection. */
export function decompose(work: SpectrumWork, step: DecomposeStep): void {
  const order = Math.min(work.plan.outer.count, work.plan.inner.count);
  const { f64, kernels } = work.algebra;
  // Copies are worked on: a piece that is done again finds its triangles whole.
  for (const { triangle, copy } of step.parts) {
    f64.copyWithin(copy / 8, triangle / 8, triangle / 8 + order * order);
  }
  const [first, ...others] = step.parts.map(({ copy }) => copy);
  if (first === undefined) throw new RangeError('A matrix has at least one part.');
  const diagonal = step.scratch;
  const beside = diagonal + order * 8;
  const reflection = beside + order * 8;
  for (const other of others) {
    kernels.absorbTriangle(first, order, other, reflection);
    work.breathe();
  }
  for (let k = 0; k < order; k++) {
    kernels.bidiagonalStep(first, order, k, diagonal, beside, reflection);
    work.breathe();
  }
  bisect(work, { order, diagonal, beside, shifts: first }, step.values);
}

function bisect(work: SpectrumWork, matrix: Bidiagonal, values: number): void {
  const { f64 } = work.algebra;
  const most = boundOf(work.algebra, matrix);
  const [smallest = 0] = countBelow(work.algebra, matrix, [most * NOTHING]);
  for (let first = 0; first < matrix.order; first += AT_ONCE) {
    // The value of rank r from above has `order - r - 1` below it.
    const below = Array.from({ length: AT_ONCE }, (_, k) => matrix.order - Math.min(first + k, matrix.order - 1) - 1);
    const low = below.map(() => 0);
    const high = below.map(() => most);
    for (let round = 0; round < HALVINGS; round++) {
      const middle = low.map((bottom, k) => (bottom + (high[k] ?? 0)) / 2);
      const counts = countBelow(work.algebra, matrix, middle);
      middle.forEach((shift, k) => {
        if ((counts[k] ?? 0) > (below[k] ?? 0)) high[k] = shift;
        else low[k] = shift;
      });
    }
    low.slice(0, matrix.order - first).forEach((bottom, k) => {
      f64[values / 8 + first + k] = (below[k] ?? 0) < smallest ? 0 : (bottom + (high[k] ?? 0)) / 2;
    });
    work.breathe();
  }
}

/** No singular value is larger: the largest sum of neighbours (Gershgorin's circles). */
function boundOf({ f64 }: Algebra, { order, diagonal, beside }: Bidiagonal): number {
  let most = 0;
  for (let k = 0; k < order; k++) {
    const own = Math.abs(f64[diagonal / 8 + k] ?? 0);
    const before = k > 0 ? Math.abs(f64[beside / 8 + k - 1] ?? 0) : 0;
    most = Math.max(most, own + Math.max(before, Math.abs(f64[beside / 8 + k] ?? 0)));
  }
  return most;
}

function countBelow({ f64, kernels }: Algebra, matrix: Bidiagonal, shifts: readonly number[]): number[] {
  const { order, diagonal, beside, shifts: at } = matrix;
  for (let k = 0; k < AT_ONCE; k++) f64[at / 8 + k] = shifts[k] ?? 1;
  kernels.countBelow(diagonal, beside, order, at, at + AT_ONCE * 8);
  return shifts.map((_, k) => f64[at / 8 + AT_ONCE + k] ?? 0);
}
