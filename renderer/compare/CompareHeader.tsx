import { cancelComparison, compareAgain, swapComparison } from '../actions/comparisons.ts';
import { plural } from '../format/numbers.ts';
import { Problem } from '../ui/Problem.tsx';
import type { ComparedProps } from './CompareView.tsx';

/** Which two are compared, how far that is, and whether it still holds. */
export function CompareHeader({ comparison, before, after }: ComparedProps) {
  const { id, state, problem, revisions } = comparison;
  const edited = [before, after].filter(
    (document, at) => revisions && document.revision !== (at === 0 ? revisions.before : revisions.after),
  );
  return (
    <>
      <div className="document-header">
        <div className="compare-title">
          <h1>
            <span className="mono">{before.name}</span> compared with <span className="mono">{after.name}</span>
          </h1>
          <CompareStatus comparison={comparison} />
        </div>
        <div className="document-actions">
          <button type="button" onClick={() => swapComparison(comparison)}>
            Swap sides
          </button>
          {state === 'running' ? (
            <button type="button" onClick={() => cancelComparison(id)}>
              Cancel
            </button>
          ) : (
            <button type="button" onClick={() => compareAgain(id)}>
              Compare again
            </button>
          )}
        </div>
      </div>
      <Problem message={problem} />
      {edited.length > 0 && state !== 'running' && (
        <div className="banner warning-banner" role="status">
          <p>
            {edited.map(({ name }) => name).join(' and ')} changed since: what is shown is out of date. Compare again
            reads only what was touched.
          </p>
        </div>
      )}
    </>
  );
}

function CompareStatus({ comparison: { state, rows, renewal } }: Pick<ComparedProps, 'comparison'>) {
  const compared = plural((renewal?.rows ?? rows).length, 'tensor');
  switch (state) {
    case 'running':
      return <output className="muted">Comparing… {compared} so far.</output>;
    case 'done':
      return <output className="muted">{compared} compared.</output>;
    case 'cancelled':
      return <output className="muted">Cancelled after {compared}.</output>;
    case 'failed':
      return <output className="muted">Failed after {compared}.</output>;
  }
}
