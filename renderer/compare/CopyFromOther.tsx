import { copyAcross } from '../actions/comparisons.ts';
import { reporting } from '../actions/report.ts';
import type { ComparisonSide, DocumentSummary } from '../contract.ts';

interface CopyFromOtherProps {
  readonly tensor: ComparisonSide;
  readonly from: DocumentSummary;
  readonly to: DocumentSummary;
}

/** Takes over the other side's tensor. */
export function CopyFromOther({ tensor, from, to }: CopyFromOtherProps) {
  return (
    <button
      type="button"
      className="small"
      aria-label={`Copy from the other into ${to.name}`}
      title={`Copies it from ${from.name}: an edit of ${to.name}, which Undo takes back`}
      onClick={() => void reporting(() => copyAcross(tensor, { from: from.id, to: to.id }))}
    >
      Copy from the other
    </button>
  );
}
