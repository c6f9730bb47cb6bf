import { scanHealth, stopScan } from '../actions/health.ts';
import type { DocumentSummary } from '../contract.ts';
import { FINDING_TEXTS, FINDINGS, findingCount } from '../format/findings.ts';
import { formatCount, plural } from '../format/numbers.ts';
import { type Health, useHealth } from '../store/health.ts';
import { useTreeViews } from '../store/tree-view.ts';
import { Progress } from '../tasks/TasksRegion.tsx';
import { visibleTensors } from '../tree/visible-tensors.ts';
import { Problem } from '../ui/Problem.tsx';

/** What stands out in the values of the checkpoint: NaN, infinities, tensors that are all zero or constant. */
export function HealthPanel({ document: { id, totals } }: { readonly document: DocumentSummary }) {
  const health = useHealth(id);
  const { running, scanned, unread, problem } = health;
  const isDone = scanned > 0 && unread === 0;
  return (
    <section aria-labelledby="health-title" className="panel">
      <div className="panel-title">
        <h2 id="health-title">Health</h2>
        {!running && !isDone && totals.tensors > 0 && (
          <button type="button" className="small" onClick={() => scanHealth(id, visibleTensors(id))}>
            {scanned > 0 ? 'Scan the rest' : 'Scan all values'}
          </button>
        )}
      </div>
      {running && <Scanning document={id} health={health} />}
      {scanned > 0 ? (
        <Findings document={id} health={health} />
      ) : (
        !running && (
          <p className="hint">
            A scan reads all values once and tells which tensors hold NaN or infinities, are all zero, or constant.
          </p>
        )
      )}
      {scanned > 0 && unread > 0 && !running && <p className="hint">{plural(unread, 'tensor')} not read yet.</p>}
      <Problem message={problem} />
    </section>
  );
}

interface OfDocument {
  readonly document: string;
  readonly health: Health;
}

function Scanning({ document, health: { reading, scanned } }: OfDocument) {
  return (
    <div className="scan-progress">
      <Progress title="Scan" {...reading} />
      <span className="muted">{formatCount(scanned)} done</span>
      <button type="button" className="small" onClick={() => stopScan(document)}>
        Stop scanning
      </button>
    </div>
  );
}

function Findings({ document, health: { findings, running, unread } }: OfDocument) {
  const counted = FINDINGS.map((finding) => ({
    finding,
    tensors: [...findings.values()].filter((here) => here.includes(finding)).length,
  })).filter(({ tensors }) => tensors > 0);
  if (counted.length === 0) {
    if (running) return null;
    return <p>Nothing stands out{unread > 0 && ' so far'}: no NaN, no infinities, nothing all zero or constant.</p>;
  }
  return (
    <ul aria-label="Findings" className="findings">
      {counted.map(({ finding, tensors }) => (
        <li key={finding}>
          <span className={FINDING_TEXTS[finding].grave ? 'finding grave' : 'finding'} aria-hidden="true">
            {FINDING_TEXTS[finding].badge}
          </span>
          {findingCount(finding, tensors)}
          <button
            type="button"
            className="quiet"
            aria-label={`Show ${findingCount(finding, tensors)}`}
            onClick={() => useTreeViews.getState().update(document, { filter: FINDING_TEXTS[finding].filter })}
          >
            Show
          </button>
        </li>
      ))}
    </ul>
  );
}
