import { client } from '../api/client.ts';
import { failureOf, isCancelled } from '../api/errors.ts';
import type { ComparisonSide } from '../contract.ts';
import { begunAgain, cancelled, changeBy } from '../store/comparison-progress.ts';
import {
  type Comparison,
  type ComparisonView,
  type GivenTolerance,
  toleranceOf,
  useComparisons,
} from '../store/comparisons.ts';
import { useDocuments } from '../store/documents.ts';
import { edit } from './documents.ts';

const INITIAL_VIEW: ComparisonView = {
  filter: '',
  hidden: new Set(['same']),
  sort: { column: 'relL2', descending: true },
  chosen: null,
};

const NO_TOLERANCE: GivenTolerance = { absolute: null, relative: null };

/** Ends what is told of a comparison, by its id. */
const following = new Map<string, () => void>();

/** Shows what became of the tensors of `before` in `after`, in a tab of its own. */
export function openComparison(before: string, after: string, tolerance = NO_TOLERANCE): void {
  const id = `compare ${before} ${after}`;
  if (!(id in useComparisons.getState().byId)) {
    useComparisons.getState().put({
      id,
      before,
      after,
      state: 'running',
      problem: null,
      revisions: null,
      metadata: { added: [], removed: [], changed: [] },
      rows: [],
      tolerance,
      renewal: null,
      view: INITIAL_VIEW,
    });
    compareAgain(id);
  }
  useDocuments.getState().activate(id);
}

/** Under `tolerance`, or as before. The host remembers what no edit touched since. */
export function compareAgain(id: string, tolerance?: GivenTolerance): void {
  const { byId, update } = useComparisons.getState();
  const comparison = byId[id];
  if (!comparison) return;
  following.get(id)?.();
  const { before, after } = comparison;
  const wanted = tolerance ?? toleranceOf(comparison);
  update(id, (known) => begunAgain(known, wanted));
  const subscription = client.comparisons.follow.subscribe(
    { before, after, tolerance: numbersOf(wanted) },
    {
      onData: (event) => update(id, (known) => changeBy(event, known)),
      onError: (error) =>
        update(id, (known) =>
          isCancelled(error) ? cancelled(known) : { state: 'failed', problem: failureOf(error).message, renewal: null },
        ),
    },
  );
  following.set(id, () => subscription.unsubscribe());
}

/** One number alone leaves the other at 0; without any nothing but equal bits counts as equal. */
function numbersOf({ absolute, relative }: GivenTolerance) {
  return absolute === null && relative === null ? undefined : { absolute: absolute ?? 0, relative: relative ?? 0 };
}

export function setTolerance(id: string, tolerance: GivenTolerance): void {
  const comparison = useComparisons.getState().byId[id];
  if (!comparison) return;
  const { absolute, relative } = toleranceOf(comparison);
  if (absolute !== tolerance.absolute || relative !== tolerance.relative) compareAgain(id, tolerance);
}

export function cancelComparison(id: string): void {
  following.get(id)?.();
  useComparisons.getState().update(id, cancelled);
}

export function closeComparison(id: string): void {
  following.get(id)?.();
  following.delete(id);
  const comparison = useComparisons.getState().byId[id];
  useComparisons.getState().remove(id);
  const { active, activate, byId, order } = useDocuments.getState();
  if (active !== id || !comparison) return;
  const next = [comparison.before, comparison.after].find((document) => document in byId);
  activate(next ?? order.at(-1) ?? null);
}

/** The same two documents the other way round, in the place of this comparison. */
export function swapComparison(comparison: Comparison): void {
  openComparison(comparison.after, comparison.before, toleranceOf(comparison));
  closeComparison(comparison.id);
}

/** Puts a tensor of the document `from` into `to`, in the place of what has its name there: an edit. */
export async function copyAcross(
  { name }: Pick<ComparisonSide, 'name'>,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<void> {
  await edit(to, {
    kind: 'copy',
    source: { tensor: name, document: from },
    name,
    collision: 'replace',
    dtype: 'source',
    shape: 'source',
  });
}

/** Closes comparisons whose documents are closed. Returns what ends that. */
export function followClosedDocuments(): () => void {
  return useDocuments.subscribe(({ byId }) => {
    for (const { id, before, after } of Object.values(useComparisons.getState().byId)) {
      if (!(before in byId && after in byId)) closeComparison(id);
    }
  });
}
