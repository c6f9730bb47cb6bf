import type { ComparisonRow, DocumentSummary } from '../contract.ts';
import { type Comparison, updateView } from '../store/comparisons.ts';
import { useDocuments } from '../store/documents.ts';
import { Splitter, useSplit } from '../ui/Splitter.tsx';
import { CompareControls } from './CompareControls.tsx';
import { CompareHeader } from './CompareHeader.tsx';
import { DifferenceDetail } from './DifferenceDetail.tsx';
import { DifferencesGrid } from './DifferencesGrid.tsx';
import { MetadataChanges } from './MetadataChanges.tsx';
import { keyOf } from './rows.ts';
import { useShownRows } from './use-shown-rows.ts';
import './compare.css';

const LIST_WIDTH = { initial: 720, minimum: 420, maximum: 1100 };

/** Two open documents beside one another: what differs on the left, what is chosen of it on the right. */
export function CompareView({ comparison }: { readonly comparison: Comparison }) {
  const before = useDocuments(({ byId }) => byId[comparison.before]);
  const after = useDocuments(({ byId }) => byId[comparison.after]);
  if (!before || !after) return null;
  return <Compared comparison={comparison} before={before} after={after} />;
}

export interface ComparedProps {
  readonly comparison: Comparison;
  readonly before: DocumentSummary;
  readonly after: DocumentSummary;
}

function Compared({ comparison, before, after }: ComparedProps) {
  const [width, setWidth] = useSplit('parascope.differences-width', LIST_WIDTH);
  const rows = useShownRows(comparison);
  const { view, id } = comparison;
  const chosen = comparison.rows.find((row) => keyOf(row) === view.chosen);
  return (
    <div className="document">
      <CompareHeader comparison={comparison} before={before} after={after} />
      <div className="document-body" style={{ gridTemplateColumns: `min(${width}px, 58%) 6px minmax(0, 1fr)` }}>
        <section className="list-pane" aria-label="What differs">
          <CompareControls comparison={comparison} shown={rows.length} />
          <DifferencesGrid
            rows={rows}
            sort={view.sort}
            chosen={view.chosen}
            onSort={(sort) => updateView(id, { sort })}
            onChoose={(row) => updateView(id, { chosen: keyOf(row) })}
          />
          {rows.length === 0 && <NothingToShow comparison={comparison} />}
        </section>
        <Splitter label="Width of the differences" limits={LIST_WIDTH} size={width} onResize={setWidth} />
        <div className="difference-detail">
          {chosen ? (
            <DifferenceDetail row={chosen} before={before} after={after} />
          ) : (
            <>
              <p className="guidance">Choose a tensor to see both sides of it.</p>
              <MetadataChanges metadata={comparison.metadata} />
            </>
          )}
        </div>
      </div>
    </div>
  );
}

function NothingToShow({ comparison: { state, rows, view } }: { readonly comparison: Comparison }) {
  if (state === 'running') return null;
  return <p className="empty">{state === 'done' && view.filter === '' ? whatHolds(rows) : NO_MATCH}</p>;
}

const NO_MATCH = 'No difference matches what is asked for.';

function whatHolds(rows: readonly ComparisonRow[]): string {
  if (rows.every(({ kind }) => kind === 'same')) return 'All tensors are identical.';
  const isWithin = rows.every(({ kind }) => kind === 'same' || kind === 'within');
  return isWithin ? 'All differences are within the tolerance.' : NO_MATCH;
}
