import type { ComparisonSide, DocumentSummary } from '../contract.ts';
import { showInCells } from '../store/cell-goal.ts';
import { coordinatesOf } from './place.ts';
import { useElementText } from './use-element-text.ts';

interface ElementAtProps {
  /** What is there. */
  readonly title: string;
  /** Position of the element in C order. */
  readonly index: number;
  readonly document: DocumentSummary;
  readonly tensor: ComparisonSide;
}

/** One element of one side, and the way to it. */
export function ElementAt({ title, index, document, tensor }: ElementAtProps) {
  const coordinates = coordinatesOf(index, tensor.shape);
  const text = useElementText({ document, tensor: tensor.id, coordinates });
  return (
    <div className="element-at">
      <span className="mono">{text ?? '…'}</span>
      <button
        type="button"
        className="quiet"
        aria-label={`${title}: show in Cells of ${document.name}`}
        title={document.name}
        onClick={() => showInCells({ document: document.id, tensor: tensor.id, coordinates })}
      >
        Show in Cells
      </button>
    </div>
  );
}
