import type { FoundValues } from './figures.ts';
import { roundingOf } from './figures.ts';
import { type MatrixPlan, type Span, spans, valuesOf } from './matrix-plan.ts';
import type { SpectrumSteps } from './run-steps.ts';
import { MemoryPlan } from './shared-memory.ts';
import { absorbScratch, rowsAtOnce } from './steps.ts';

/** Triangles of the parts of a matrix take at most so much, and again for the one that each is about to become. */
const TRIANGLE_BYTES = 16 * 2 ** 20;
const MOST_PARTS = 4;
/** Multiplications of one piece: about a tenth of a second. */
const PIECE_WORK = 2 ** 27;
/** Values that one piece reads at most. */
const PIECE_ELEMENTS = 2 ** 21;

/** A stretch of the long side of the matrix, which becomes a triangle of its own. */
interface Part extends Span {
  /** The triangle as it is, and the one that it becomes: in turns. */
  readonly triangles: readonly [number, number];
}

export interface ExactLayout {
  readonly memory: MemoryPlan;
  readonly parts: readonly Part[];
  /** Scratch of each lane. */
  readonly lanes: readonly number[];
  readonly values: number;
  readonly decomposing: number;
}

/** Where things lie in the shared memory. Parts depend on the matrix alone, so that results do not on the lanes. */
export function layOutExact(plan: MatrixPlan, lanes: number): ExactLayout {
  const order = valuesOf(plan);
  const long = Math.max(plan.outer.count, plan.inner.count);
  const memory = new MemoryPlan();
  const most = Math.min(MOST_PARTS, Math.floor(TRIANGLE_BYTES / (order * order * 8)), Math.ceil(long / (2 * order)));
  const size = Math.ceil(long / Math.max(1, most));
  const parts = spans(long, size).map((span) => ({
    ...span,
    triangles: [memory.values(order * order), memory.values(order * order)] as const,
  }));
  const perLane = absorbScratch(order);
  return {
    memory,
    parts,
    lanes: Array.from({ length: Math.min(lanes, parts.length) }, () => memory.values(perLane)),
    values: memory.values(order),
    decomposing: memory.values(4 * order),
  };
}

/** All singular values: the triangles of the parts side by side, then what is in them. */
export async function exactValues(
  steps: SpectrumSteps,
  layout: ExactLayout,
  { plan, values, share }: { readonly plan: MatrixPlan; readonly values: Float64Array; readonly share: number },
): Promise<FoundValues> {
  const order = valuesOf(plan);
  const size = pieceSize(order);
  const last: number[] = [];
  await steps.spread([...layout.parts.entries()], layout.lanes, async ([index, part], scratch) => {
    let from: number | null = null;
    for (const [turn, span] of spans(part.stop - part.start, size).entries()) {
      const to: number = part.triangles[turn % 2 === 0 ? 0 : 1];
      const within = { start: part.start + span.start, stop: part.start + span.stop };
      await steps.run({ kind: 'absorb', ...within, from, to, scratch }, share);
      from = to;
    }
    last[index] = from ?? part.triangles[0];
  });
  const parts = layout.parts.map(({ triangles }, index) => {
    const triangle = last[index] ?? triangles[0];
    return { triangle, copy: triangle === triangles[0] ? triangles[1] : triangles[0] };
  });
  await steps.run({ kind: 'decompose', parts, scratch: layout.decomposing, values: layout.values });
  const found = [...values.subarray(layout.values / 8, layout.values / 8 + order)].sort((a, b) => b - a);
  const error = roundingOf(plan.outer.count, plan.inner.count, found[0] ?? 0);
  return {
    method: 'exact',
    values: found,
    errors: found.map(() => error),
    energy: found.reduce((sum, value) => sum + value * value, 0),
  };
}

/** Rows of a piece: a whole number of what a triangle takes in at once. */
function pieceSize(order: number): number {
  const rows = Math.min(PIECE_WORK / (2 * order * order), PIECE_ELEMENTS / order);
  return rowsAtOnce(order) * Math.max(1, Math.floor(rows / rowsAtOnce(order)));
}
