import type { ComparisonFigures, ComparisonRow, DocumentSummary } from '../contract.ts';
import { formatFigure } from '../format/figures.ts';
import { formatCount, formatShare } from '../format/numbers.ts';
import { DeltaHeatmap } from '../tensor/DeltaHeatmap.tsx';
import { useSettled } from '../ui/use-settled.ts';
import { formatCosine } from './figures.ts';
import { elementsOf, keyOf, labelOf } from './rows.ts';
import { SideBySide } from './SideBySide.tsx';

export interface DetailProps {
  readonly row: ComparisonRow;
  readonly before: DocumentSummary;
  readonly after: DocumentSummary;
}

/** Whoever runs through the rows with the arrow keys does not ask for the statistics of each. */
const SETTLE_MS = 200;

/** One tensor of a comparison: how far its sides are apart, both of them, and the difference as a picture. */
export function DifferenceDetail({ row, before, after }: DetailProps) {
  const key = keyOf(row);
  const settled = useSettled(key, SETTLE_MS) === key;
  return (
    <section className="difference" aria-label="Difference">
      <h2 className="tensor-name mono" title={labelOf(row)}>
        {labelOf(row)}
      </h2>
      {row.diff && <Figures row={row} diff={row.diff} />}
      {settled && <SideBySide row={row} before={before} after={after} />}
      {settled && row.diff && row.diff.changedCount > 0 && <Delta row={row} before={before} after={after} />}
    </section>
  );
}

function Figures({ row, diff }: { readonly row: ComparisonRow; readonly diff: ComparisonFigures }) {
  const { nans, changedCount } = diff;
  const elements = elementsOf(row);
  return (
    <dl className="statistics">
      <Figure term="Max abs" value={formatFigure(diff.maxAbs)} />
      <Figure term="Mean abs" value={formatFigure(diff.meanAbs)} />
      <Figure term="Rel L2" value={formatFigure(diff.relL2)} />
      <Figure term="Cosine" value={formatCosine(diff.cosine)} />
      <Figure
        term={`Changed of ${formatCount(elements)}`}
        value={formatCount(changedCount)}
        share={formatShare(changedCount, elements)}
      />
      {nans.a > 0 && <Figure term="NaN before only" value={formatCount(nans.a)} />}
      {nans.b > 0 && <Figure term="NaN after only" value={formatCount(nans.b)} />}
      {nans.both > 0 && <Figure term="NaN in both" value={formatCount(nans.both)} />}
    </dl>
  );
}

interface FigureProps {
  readonly term: string;
  readonly value: string;
  readonly share?: string;
}

function Figure({ term, value, share }: FigureProps) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>
        {value}
        {share !== undefined && <span className="share"> {share}</span>}
      </dd>
    </div>
  );
}

function Delta({ row, before, after }: DetailProps) {
  if (!row.before || !row.after) return null;
  return (
    <section className="panel delta-panel" aria-label="Heatmap of the difference">
      <h3>
        {after.name} − {before.name}
      </h3>
      <DeltaHeatmap
        a={{ documentId: after.id, tensorId: row.after.id }}
        b={{ documentId: before.id, tensorId: row.before.id }}
      />
    </section>
  );
}
