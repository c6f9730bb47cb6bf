import { CancelledError } from '../../errors.ts';
import type { Workspace } from '../contract.ts';
import { figureOf } from '../figures.ts';
import type { ComparisonEvent, ComparisonRow, ComparisonSide } from '../summary.ts';
import { type Compared, compareSides, planComparison } from './compare.ts';
import { compareMetadata } from './metadata.ts';
import { type SideTensor, sideOfDocument } from './sides.ts';

/** Ten times a second what was found since, and never more at once than a page takes in its stride. */
const BATCH_MS = 100;
const BATCH_ROWS = 2000;

export interface ComparedDocuments {
  readonly before: string;
  readonly after: string;
}

/** Compares two open documents as a task, and tells what it finds as it is found. Leaving the sequence ends the task. */
export async function* followComparison(
  workspace: Workspace,
  { before, after }: ComparedDocuments,
  signal: AbortSignal | undefined,
): AsyncGenerator<ComparisonEvent> {
  const [a, b] = [workspace.document(before), workspace.document(after)];
  const revisions = { before: a.summary().revision, after: b.summary().revision };
  const plan = planComparison(sideOfDocument(a), sideOfDocument(b));
  const left = new AbortController();
  const rows: ComparisonRow[] = [];
  const spec = {
    title: `Compare ${a.summary().name} with ${b.summary().name}`,
    document: after,
    total: plan.bytes,
  };
  const comparing = workspace.runTask(
    spec,
    (work) =>
      compareSides(plan, {
        ...work,
        engine: workspace.comparing,
        onFound: (found) => rows.push(rowOf(found)),
      }),
    { signal: signal ? AbortSignal.any([signal, left.signal]) : left.signal },
  );
  let running = true;
  const ended = comparing.finally(() => {
    running = false;
  });
  // It is awaited at the end, which is not reached where nobody listens any more.
  ended.catch(() => {});
  try {
    yield { type: 'begun', revisions, metadata: compareMetadata(plan.before.metadata, plan.after.metadata) };
    while (running) {
      await Promise.race([ended, nextBatch()]);
      while (rows.length > 0) yield { type: 'found', rows: rows.splice(0, BATCH_ROWS) };
    }
    await ended;
    yield { type: 'done' };
  } finally {
    left.abort(new CancelledError());
  }
}

function nextBatch(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, BATCH_MS);
  });
}

function rowOf({ kind, before, after, diff }: Compared): ComparisonRow {
  const sides = { kind, before: before && sideRow(before), after: after && sideRow(after) };
  if (diff === null) return { ...sides, diff: null };
  const { maxAbs, meanAbs, relL2, cosine, changedCount, firstIndex, maxIndex, nans } = diff;
  return {
    ...sides,
    diff: {
      maxAbs: figureOf(maxAbs),
      meanAbs: figureOf(meanAbs),
      relL2: figureOf(relL2),
      cosine: figureOf(cosine),
      changedCount,
      firstIndex,
      maxIndex,
      nans,
    },
  };
}

function sideRow({ id, name, dtype, shape }: SideTensor): ComparisonSide {
  return { id, name, dtype, shape };
}
