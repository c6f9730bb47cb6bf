import { useState } from 'react';
import { client } from '../api/client.ts';
import { NormsChart } from '../chart/NormsChart.tsx';
import type { NamedLines, NormsSummary, TensorDetail } from '../contract.ts';
import { formatCount, formatStatistic, plural } from '../format/numbers.ts';
import { Choice } from '../ui/Choice.tsx';
import { useRequest } from '../ui/use-request.ts';
import { RequestStatus } from './RequestStatus.tsx';

type Lines = 'row' | 'column';
const LINES: Readonly<Record<Lines, string>> = { row: 'Rows', column: 'Columns' };

interface NormsPanelProps {
  readonly document: string;
  readonly detail: TensorDetail;
}

/** Which rows or columns are dead, and which stand out: looked for when somebody asks, since it reads all values. */
export function NormsPanel({ document, detail }: NormsPanelProps) {
  const value = `${document}/${detail.id}/${detail.valueRevision}`;
  const [lines, setLines] = useState<Lines>('row');
  const [asked, setAsked] = useState<string | null>(null);
  const wanted = asked === value;
  const norms = useRequest<NormsSummary | null>({
    subject: `${value}/${lines}`,
    key: `${value}/${lines}/${wanted}`,
    run: (signal) =>
      wanted ? client.tensors.norms.query({ document, tensor: detail.id, lines }, { signal }) : Promise.resolve(null),
  });
  return (
    <section aria-label="Norms" className="panel" aria-busy={norms.pending}>
      <div className="panel-title">
        <h3>Norms</h3>
        <span className="spacer" />
        <Choice label="Of" choices={LINES} value={lines} onChange={setLines} />
        {!wanted && (
          <button type="button" className="small" onClick={() => setAsked(value)}>
            Compute norms
          </button>
        )}
      </div>
      {wanted && <RequestStatus document={document} task="Norms" request={norms} />}
      {wanted && norms.data && <Found norms={norms.data} lines={lines} rank={detail.shape.length} />}
    </section>
  );
}

interface FoundProps {
  readonly norms: NormsSummary;
  readonly lines: Lines;
  readonly rank: number;
}

function Found({ norms, lines, rank }: FoundProps) {
  const { least, greatest, mean, zero, nonFinite } = norms;
  if (!least || !greatest) return <p className="muted">There are none.</p>;
  const flattened = rank > 2 ? ', the first axis against all others' : '';
  const summary =
    `${plural(norms.lines, lines)}${flattened}: L2 norm ${formatStatistic(mean)} on average, ` +
    `from ${formatStatistic(least.l2)} (${formatCount(least.line)}) to ${formatStatistic(greatest.l2)} (${formatCount(greatest.line)}).`;
  return (
    <>
      <NormsChart norms={norms} word={lines === 'row' ? 'Row' : 'Column'} summary={summary} />
      {zero.count > 0 && <p className="alarm-text">{`All zero: ${named(zero, lines)}.`}</p>}
      {nonFinite.count > 0 && <p className="alarm-text">{`With NaN or Inf: ${named(nonFinite, lines)}.`}</p>}
    </>
  );
}

function named({ count, first }: NamedLines, lines: Lines): string {
  const more = count > first.length ? ', …' : '';
  return `${plural(count, lines)} (${first.map(formatCount).join(', ')}${more})`;
}
