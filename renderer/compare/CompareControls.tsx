import type { ComparedKind } from '../contract.ts';
import { formatCount, plural } from '../format/numbers.ts';
import { type Comparison, updateView } from '../store/comparisons.ts';
import { FilterBox } from '../ui/FilterBox.tsx';
import { countsOf, KIND_LABELS } from './rows.ts';
import { ToleranceFields } from './ToleranceFields.tsx';

interface CompareControlsProps {
  readonly comparison: Comparison;
  /** How many rows are in view. */
  readonly shown: number;
}

/** Finds among the differences by name, says what still counts as equal, and shows or hides kinds of differences. */
export function CompareControls({ comparison, shown }: CompareControlsProps) {
  const { id, rows, view } = comparison;
  const toggle = (kind: ComparedKind): void => {
    const hidden = new Set(view.hidden);
    if (!hidden.delete(kind)) hidden.add(kind);
    updateView(id, { hidden });
  };
  return (
    <div className="list-controls">
      <FilterBox
        label="Filter differences"
        placeholder="Filter by name"
        value={view.filter}
        onChange={(filter) => updateView(id, { filter })}
      />
      <ToleranceFields comparison={comparison} />
      <fieldset className="kind-filters" aria-label="Kinds of differences">
        {countsOf(rows).map(({ kind, count }) => (
          <button
            key={kind}
            type="button"
            className="small"
            aria-pressed={!view.hidden.has(kind)}
            disabled={count === 0}
            onClick={() => toggle(kind)}
          >
            {KIND_LABELS[kind]} <span className="kind-count">{formatCount(count)}</span>
          </button>
        ))}
        <span className="spacer" />
        <output className="muted">{plural(shown, 'row')}</output>
      </fieldset>
    </div>
  );
}
