import type { Document, Workspace } from '../contract.ts';
import { type ComparingEngine, compareSides } from './compare.ts';
import type { ComparisonRequest } from './compared.ts';
import { planComparison } from './plan.ts';
import { sideOfDocument } from './sides.ts';

interface CompareWork extends ComparisonRequest {
  readonly engine: ComparingEngine;
  readonly runTask: Workspace['runTask'];
}

/** What became of the tensors of `before` in `after`, edits that are not saved included, as a task. */
export async function compareDocuments(
  before: Document,
  after: Document,
  { engine, runTask, signal, ...request }: CompareWork,
): Promise<void> {
  const plan = await planComparison(sideOfDocument(before), sideOfDocument(after), signal);
  const title = `Compare ${before.summary().name} with ${after.summary().name}`;
  await runTask(
    { title, document: after.id, total: plan.bytes },
    (task) => compareSides(plan, { engine, ...request, ...task }),
    { signal },
  );
}
