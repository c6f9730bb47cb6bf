import type { DocumentSummary } from '../contract.ts';
import { formatBytes, formatCount, formatShare, formatShortCount, plural } from '../format/numbers.ts';
import { dtypeShares } from './dtype-shares.ts';

/** As many dtypes as the bar tells apart by colour, and the header has room for. */
const MOST_SHARES = 5;

/** Tensors, parameters and bytes of the document, and how the bytes split over dtypes. */
export function Totals({ totals }: { readonly totals: DocumentSummary['totals'] }) {
  const { tensors, elements, bytes } = totals;
  const shares = dtypeShares(totals.byDType, MOST_SHARES);
  return (
    <div className="totals">
      <dl>
        <Figure term="Tensors" value={formatCount(tensors)} exact={plural(tensors, 'tensor')} />
        <Figure term="Parameters" value={formatShortCount(elements)} exact={plural(elements, 'element')} />
        <Figure term="Size" value={formatBytes(bytes)} exact={plural(bytes, 'byte')} />
      </dl>
      {shares.length > 0 && (
        <div className="dtype-split">
          <div className="dtype-bar" aria-hidden="true">
            {shares.map((share, i) => (
              <span key={share.label} className={`dtype-color-${i}`} style={{ flexGrow: share.bytes }} />
            ))}
          </div>
          <ul aria-label="Bytes by data type">
            {shares.map((share, i) => (
              <li key={share.label} title={`${plural(share.tensors, 'tensor')}, ${formatBytes(share.bytes)}`}>
                <span className={`swatch dtype-color-${i}`} aria-hidden="true" />
                {share.label} <span className="muted">{formatShare(share.bytes, bytes)}</span>
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
