import { client } from '../api/client.ts';
import type { DocumentSummary, TensorDetail } from '../contract.ts';
import { formatBytes, formatCount, formatShape, plural } from '../format/numbers.ts';
import { kindOf } from '../tree/kind.ts';
import { numbered } from '../ui/numbered.ts';
import { useRequest } from '../ui/use-request.ts';
import { DEFAULT_BINS, HistogramPanel } from './HistogramPanel.tsx';
import { NormsPanel } from './NormsPanel.tsx';
import { SharedElements } from './SharedElements.tsx';
import { StatisticsPanel } from './StatisticsPanel.tsx';

interface OverviewProps {
  readonly document: DocumentSummary;
  readonly detail: TensorDetail;
}

export function Overview({ document, detail }: OverviewProps) {
  const stats = useRequest({
    subject: `${document.id}/${detail.id}`,
    key: `${document.id}/${detail.id}/${detail.valueRevision}`,
    run: (signal) =>
      client.tensors.stats.query({ document: document.id, tensor: detail.id, bins: DEFAULT_BINS }, { signal }),
  });
  return (
    <div className="overview">
      <Facts detail={detail} />
      <SharedElements document={document.id} detail={detail} />
      <StatisticsPanel document={document.id} detail={detail} stats={stats} />
      {stats.data?.histogram && (
        <HistogramPanel
          document={document.id}
          tensor={detail.id}
          revision={detail.valueRevision}
          stats={stats.data}
          histogram={stats.data.histogram}
        />
      )}
      {detail.shape.length > 1 && <NormsPanel document={document.id} detail={detail} />}
      {detail.edits.length > 0 && (
        <section aria-label="Edits of this tensor" className="panel">
          <h3>Edits of this tensor</h3>
          <ol className="history-list">
            {numbered(detail.edits).map(({ place, item }) => (
              <li key={place}>{item}</li>
            ))}
          </ol>
        </section>
      )}
    </div>
  );
}

function Facts({ detail }: { readonly detail: TensorDetail }) {
  const { stored } = detail;
  const facts: readonly (readonly [term: string, value: string, title?: string])[] = [
    ['Type', detail.dtype === stored.dtype ? detail.dtype : `${detail.dtype} (stored as ${stored.dtype})`],
    ['Shape', formatShape(detail.shape)],
    ['Kind', kindOf(detail.name, detail.shape), 'Guessed from name and shape'],
    ['Elements', formatCount(detail.elements)],
    ['Size', formatBytes(detail.bytes), plural(detail.bytes, 'byte')],
    ['File', stored.file],
    ['Offset', formatCount(stored.offset), `Byte ${stored.offset} of ${stored.file}`],
    ...(stored.packed ? [['Stored', 'packed', 'Unpacked when it is first looked at'] as const] : []),
    ...Object.entries(detail.facts).map(([term, value]) => [term, value, 'From the file'] as const),
  ];
  return (
    <dl className="facts" aria-label="Facts">
      {facts.map(([term, value, title]) => (
        <div key={term} title={title}>
          <dt>{term}</dt>
          <dd className="mono">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
