import type { DocumentSummary } from '../contract.ts';
import { formatBytes, formatCount, formatShare, formatShortCount, plural } from '../format/numbers.ts';

/** As many dtypes as the bar tells apart; the rest share the last colour. */
const COLORS = 6;

/** Tensors, parameters and bytes of the document, and how the bytes split over dtypes. */
export function Totals({ totals }: { readonly totals: DocumentSummary['totals'] }) {
  const { tensors, elements, bytes, byDType } = totals;
  return (
    <div className="totals">
      <dl>
        <Figure term="Tensors" value={formatCount(tensors)} exact={plural(tensors, 'tensor')} />
        <Figure term="Parameters" value={formatShortCount(elements)} exact={plural(elements, 'element')} />
        <Figure term="Size" value={formatBytes(bytes)} exact={plural(bytes, 'byte')} />
      </dl>
      {byDType.length > 0 && (
        <div className="dtype-split">
          <div className="dtype-bar" aria-hidden="true">
            {byDType.map((share, i) => (
              <span
                key={share.dtype}
                className={`dtype-color-${Math.min(i, COLORS - 1)}`}
                style={{ flexGrow: share.bytes }}
              />
            ))}
          </div>
          <ul aria-label="Bytes by data type">
            {byDType.map((share, i) => (
              <li key={share.dtype} title={`${plural(share.tensors, 'tensor')}, ${formatBytes(share.bytes)}`}>
                <span className={`swatch dtype-color-${Math.min(i, COLORS - 1)}`} aria-hidden="true" />
                {share.dtype} <span className="muted">{formatShare(share.bytes, bytes)}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}

interface FigureProps {
  readonly term: string;
  readonly value: string;
  readonly exact: string;
}

function Figure({ term, value, exact }: FigureProps) {
  return (
    <div title={exact}>
      <dt>{term}</dt>
      <dd>{value}</dd>
    </div>
  );
}
