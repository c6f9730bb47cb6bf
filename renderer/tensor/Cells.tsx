import { type FormEvent, useEffect, useState } from 'react';
import type { DocumentSummary, TensorDetail } from '../contract.ts';
import { useCellGoal } from '../store/cell-goal.ts';
import { textOf } from '../ui/FormDialog.tsx';
import { AxisPickers } from './AxisPickers.tsx';
import { CellGrid } from './CellGrid.tsx';
import { type CellPlace, parsePlace } from './cell-keys.ts';
import { extentOfSlice, placeOfElement, type SliceView, sliceKey, useSliceView } from './slice-view.ts';
import './cells.css';

interface CellsProps {
  readonly document: DocumentSummary;
  readonly detail: TensorDetail;
}

/** Every value of a slice as text, to read, copy and change. */
export function Cells({ document, detail }: CellsProps) {
  const [view, setView] = useSliceView(detail.shape, 'upright');
  const [goal, setGoal] = useState<CellPlace | null>(null);
  const extent = extentOfSlice(detail.shape, view);
  const changeView = (next: SliceView): void => {
    setGoal(null);
    setView(next);
  };
  useElementGoal({ document: document.id, tensor: detail.id }, (coordinates) => {
    setView({ ...view, index: coordinates });
    setGoal(placeOfElement(view, coordinates));
  });
  if (detail.elements === 0) return <p className="guidance">This tensor has no elements: one of its sizes is 0.</p>;
  return (
    <div className="cells-view">
      <div className="view-controls">
        <AxisPickers shape={detail.shape} view={view} onChange={changeView} />
        <span className="spacer" />
        <GoTo rows={extent.rows} columns={extent.columns} onGo={setGoal} />
      </div>
      <CellGrid key={sliceKey(view)} document={document} detail={detail} view={view} goal={goal} />
      <p className="hint">
        Enter or F2 edits a cell, Escape leaves it. Shift with arrows selects, Ctrl C copies as tab-separated values.
      </p>
    </div>
  );
}

/** Goes to the element of this tensor that was asked for from elsewhere, once. */
function useElementGoal(
  { document, tensor }: { readonly document: string; readonly tensor: number },
  go: (coordinates: readonly number[]) => void,
): void {
  const { goal, reached } = useCellGoal();
  useEffect(() => {
    if (goal?.document !== document || goal.tensor !== tensor) return;
    go(goal.coordinates);
    reached();
  });
}

interface GoToProps {
  readonly rows: number;
  readonly columns: number;
  readonly onGo: (place: CellPlace) => void;
}

function GoTo({ rows, columns, onGo }: GoToProps) {
  const [problem, setProblem] = useState<string | null>(null);
  const onSubmit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const place = parsePlace(textOf(new FormData(event.currentTarget), 'place'), rows, columns);
    if (typeof place === 'string') {
      setProblem(place);
    } else {
      setProblem(null);
      onGo(place);
    }
  };
  return (
    <form className="go-to" onSubmit={onSubmit}>
      {problem !== null && (
        <span role="alert" className="alarm-text">
          {problem}
        </span>
      )}
      <label className="inline-field">
        <span>Go to</span>
        <input
          name="place"
          type="text"
          aria-label="Go to cell"
          placeholder="row, column"
          className="mono"
          autoComplete="off"
        />
      </label>
    </form>
  );
}
