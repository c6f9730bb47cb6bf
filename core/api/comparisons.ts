import { z } from 'zod';
import type { Compared, SideTensor } from '../workspace/compare/compared.ts';
import { compareMetadata, type MetadataDifference } from '../workspace/compare/metadata.ts';
import type { Workspace } from '../workspace/contract.ts';
import { figureOf } from '../workspace/figures.ts';
import type { ComparisonRow, ComparisonSide } from '../workspace/summary.ts';
import { pulses } from './pulses.ts';
import { trpc } from './trpc.ts';

const { router, procedure } = trpc;

const documentId = z.string().min(1).max(64);

const comparisonInput = z.strictObject({
  before: documentId,
  after: documentId,
  tolerance: z.strictObject({ absolute: z.number().nonnegative(), relative: z.number().nonnegative() }).optional(),
});

export type ComparisonEvent =
  /** `revisions`: of the documents as they are compared. */
  | {
      readonly type: 'begun';
      readonly revisions: { readonly before: number; readonly after: number };
      readonly metadata: MetadataDifference;
    }
  | { readonly type: 'found'; readonly rows: readonly ComparisonRow[] }
  | { readonly type: 'done' };

/** Compares two open documents and tells what is found as it is found. Leaving the sequence ends the task. */
export async function* followComparison(
  workspace: Workspace,
  { before, after, tolerance }: z.infer<typeof comparisonInput>,
  signal: AbortSignal | undefined,
): AsyncGenerator<ComparisonEvent> {
  const [a, b] = [workspace.document(before).summary(), workspace.document(after).summary()];
  yield {
    type: 'begun',
    revisions: { before: a.revision, after: b.revision },
    metadata: compareMetadata(a.metadata, b.metadata),
  };
  const rows: ComparisonRow[] = [];
  yield* pulses<ComparisonEvent>(
    (stop) =>
      workspace.compare(before, after, { tolerance, signal: stop, onFound: (found) => rows.push(rowOf(found)) }),
    () => (rows.length > 0 ? { type: 'found', rows: rows.splice(0) } : null),
    signal,
  );
  yield { type: 'done' };
}

function rowOf({ kind, before, after, diff }: Compared): ComparisonRow {
  const sides = { kind, before: before && sideRow(before), after: after && sideRow(after) };
  if (diff === null) return { ...sides, diff: null };
  const { identicalBytes: _same, beyondTolerance: _beyond, maxAbs, meanAbs, relL2, cosine, ...counts } = diff;
  return {
    ...sides,
    diff: {
      maxAbs: figureOf(maxAbs),
      meanAbs: figureOf(meanAbs),
      relL2: figureOf(relL2),
      cosine: figureOf(cosine),
      ...counts,
    },
  };
}

function sideRow({ id, name, dtype, shape }: SideTensor): ComparisonSide {
  return { id, name, dtype, shape };
}

export const comparisons = router({
  /** Runs as a task; ending the subscription cancels it, and cancelling the task fails the subscription. */
  follow: procedure.input(comparisonInput).subscription(async function* ({ ctx, input, signal }) {
    yield* followComparison(ctx.workspace, input, signal);
  }),
});
