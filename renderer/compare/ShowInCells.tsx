import type { ComparisonSide, DocumentSummary } from '../contract.ts';
import { showInCells } from '../store/cell-goal.ts';
import { coordinatesOf } from './place.ts';

interface ShowInCellsProps {
  /** What is there. */
  readonly title: string;
  /** Position of the element in C order. */
  readonly index: number;
  readonly document: DocumentSummary;
  readonly tensor: ComparisonSide;
}

export function ShowInCells({ title, index, document, tensor }: ShowInCellsProps) {
  const show = (): void =>
    showInCells({ document: document.id, tensor: tensor.id, coordinates: coordinatesOf(index, tensor.shape) });
  return (
    <button
      type="button"
      className="small"
      aria-label={`${title}: show in Cells of ${document.name}`}
      title={document.name}
      onClick={show}
    >
      Show in Cells
    </button>
  );
}
