import { InvalidStateError } from '../../errors.ts';
import type { Shape } from '../../ndarray/shape.ts';
import type { MatrixSlice } from '../engine.ts';
import type { Job } from '../job.ts';
import type { WorkerPool } from '../worker-pool.ts';
import { type MatrixPlan, spans } from './matrix-plan.ts';

/** What is known of the values of a matrix before it is computed with. */
export interface Survey {
  /** The largest finite magnitude. */
  readonly most: number;
  /** Sum of squares, divided by `4^exponent`. */
  readonly squares: number;
  readonly exponent: number;
  readonly nonFinite: number;
  /** The first value that is not finite, counted line by line. */
  readonly first: number | null;
}

export const NOTHING_SEEN: Survey = { most: 0, squares: 0, exponent: -1022, nonFinite: 0, first: null };

/** `b` comes behind `a`. */
export function mergeSurveys(a: Survey, b: Survey): Survey {
  const exponent = Math.max(a.exponent, b.exponent);
  const part = (survey: Survey): number => survey.squares * 4 ** (survey.exponent - exponent);
  return {
    most: Math.max(a.most, b.most),
    squares: part(a) + part(b),
    exponent,
    nonFinite: a.nonFinite + b.nonFinite,
    first: a.first ?? b.first,
  };
}

const PIECE_ELEMENTS = 2 ** 21;

/** Reads the matrix once. */
export async function surveyMatrix(
  pool: WorkerPool,
  job: Job,
  { plan, share }: { readonly plan: MatrixPlan; readonly share: number },
): Promise<Survey> {
  const lines = Math.max(1, Math.floor(PIECE_ELEMENTS / plan.inner.count));
  const pieces = spans(plan.outer.count, lines).map((span) => ({ kind: 'survey' as const, plan, ...span }));
  const found = await pool.run<'survey'>(job, pieces, share);
  return found.reduce(mergeSurveys, NOTHING_SEEN);
}

/** @throws InvalidStateError with the count of values that are not finite and the index of the first. */
export function checkFinite(
  { nonFinite, first }: Survey,
  { plan, shape, slice }: { readonly plan: MatrixPlan; readonly shape: Shape; readonly slice: MatrixSlice },
): void {
  if (first === null) return;
  const [line, place] = [Math.floor(first / plan.inner.count), first % plan.inner.count];
  const [row, column] = plan.transposed ? [place, line] : [line, place];
  const index = shape.map((_, axis) => {
    if (axis === slice.rowAxis) return row;
    return axis === slice.columnAxis ? column : (slice.index[axis] ?? 0);
  });
  throw new InvalidStateError(
    `A matrix with NaN or infinite values has no singular values: ${nonFinite} of its elements are not finite, ` +
      `the first at [${index.join(', ')}]. Set them to numbers first.`,
    { nonFinite, first: index.join(', ') },
  );
}
