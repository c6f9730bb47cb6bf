import { client } from '../api/client.ts';
import type { DocumentSummary, TensorDetail, TensorStats } from '../contract.ts';
import { formatBytes, formatCount, formatShape, plural } from '../format/numbers.ts';
import { useTasks } from '../store/tasks.ts';
import { ProgressBar, progressText } from '../tasks/TasksRegion.tsx';
import { kindOf } from '../tree/kind.ts';
import { numbered } from '../ui/numbered.ts';
import { type RequestState, useRequest } from '../ui/use-request.ts';
import { DEFAULT_BINS, HistogramPanel } from './HistogramPanel.tsx';
import { SharedElements } from './SharedElements.tsx';
import { Statistics } from './Statistics.tsx';

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
      <section aria-label="Statistics" className="panel stats-panel" aria-busy={stats.pending}>
        <div className="panel-title">
          <h3>Statistics</h3>
        </div>
        <StatsStatus document={document.id} stats={stats} />
        {stats.data && <Statistics stats={stats.data} />}
      </section>
      {stats.data?.histogram && (
        <HistogramPanel
          document={document.id}
          tensor={detail.id}
          revision={detail.valueRevision}
          stats={stats.data}
          histogram={stats.data.histogram}
        />
      )}
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

interface StatsStatusProps {
  readonly document: string;
  readonly stats: RequestState<TensorStats>;
}

/** While the numbers are on their way, why there are none, or nothing. */
function StatsStatus({ document, stats }: StatsStatusProps) {
  const task = useTasks((state) =>
    state.running.find((running) => running.document === document && running.title === 'Statistics'),
  );
  if (stats.failure) {
    return (
      <p role="alert" className="problem">
        {stats.failure.message}
      </p>
    );
  }
  if (stats.cancelled) {
    return (
      <p className="muted">
        Cancelled.{' '}
        <button type="button" className="small" onClick={stats.retry}>
          Compute
        </button>
      </p>
    );
  }
  if (!stats.pending) return null;
  if (!task) return stats.data ? null : <p className="muted">Reading values…</p>;
  return (
    <div className="stats-progress">
      <ProgressBar title="Reading values" done={task.done} total={task.total} />
      <span className="muted number">{progressText(task.done, task.total)}</span>
      <button type="button" className="small" onClick={stats.cancel}>
        Cancel
      </button>
    </div>
  );
}
