import { client } from '../api/client.ts';
import { failureOf, isCancelled } from '../api/errors.ts';
import type { ComparisonEvent, ComparisonSide } from '../contract.ts';
import { type Comparison, type ComparisonView, useComparisons } from '../store/comparisons.ts';
import { useDocuments } from '../store/documents.ts';
import { edit } from './documents.ts';

const INITIAL_VIEW: ComparisonView = {
  filter: '',
  hidden: new Set(['same']),
  sort: { column: 'relL2', descending: true },
  chosen: null,
};

/** Ends what is told of a comparison, by its id. */
const following = new Map<string, () => void>();

/** Shows what became of the tensors of `before` in `after`, in a tab of its own. */
export function openComparison(before: string, after: string): void {
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
      view: INITIAL_VIEW,
    });
    compareAgain(id);
  }
  useDocuments.getState().activate(id);
}

/** The host remembers what no edit touched since. */
export function compareAgain(id: string): void {
  const { byId, update } = useComparisons.getState();
  const comparison = byId[id];
  if (!comparison) return;
  following.get(id)?.();
  update(id, () => ({ state: 'running', problem: null }));
  const { before, after } = comparison;
  const subscription = client.comparisons.follow.subscribe(
    { before, after },
    {
      onData: (event) => update(id, (known) => changeBy(event, known)),
      onError: (error) =>
        update(id, () =>
          isCancelled(error) ? { state: 'cancelled' } : { state: 'failed', problem: failureOf(error).message },
        ),
    },
  );
  following.set(id, () => subscription.unsubscribe());
}

function changeBy(event: ComparisonEvent, { rows }: Comparison): Partial<Comparison> {
  switch (event.type) {
    case 'begun':
      return { revisions: event.revisions, metadata: event.metadata, rows: [], state: 'running' };
    case 'found':
      return { rows: [...rows, ...event.rows] };
    case 'done':
      return { state: 'done' };
  }
}

export function cancelComparison(id: string): void {
  following.get(id)?.();
  useComparisons.getState().update(id, ({ state }) => (state === 'running' ? { state: 'cancelled' } : {}));
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
export function swapComparison({ id, before, after }: Comparison): void {
  openComparison(after, before);
  closeComparison(id);
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
