import { type ReactNode, useState } from 'react';
import { reporting } from '../actions/report.ts';
import { client } from '../api/client.ts';
import type { DeviceCopy, TensorDetail } from '../contract.ts';
import { formatBytes, formatStatistic } from '../format/numbers.ts';
import { useParameterChanges } from '../store/parameter-changes.ts';

interface ParameterRegionProps {
  readonly document: string;
  readonly detail: TensorDetail;
}

const GRAD_REQS = ['write', 'add', 'null'] as const;

/** The tensor as Gluon sees it: one value, a copy per device, a gradient buffer per copy. */
export function ParameterRegion({ document, detail }: ParameterRegionProps) {
  const { parameter } = detail;
  return (
    <section aria-label="Parameter" className="panel">
      <div className="panel-title">
        <h2>Parameter</h2>
        <span className="spacer" />
        <LoadButton document={document} detail={detail} />
      </div>
      <output aria-label="Initialization" className="initialization">
        <span className={`badge status-${parameter.status}`}>{parameter.status}</span> <span>{parameter.reason}</span>
      </output>
      <GradReq value={parameter.gradReq} />
      <LabelledList label="Device copies" empty="None: the value is read from the file.">
        {parameter.copies.map((copy) => (
          <CopyItem key={copy.device} copy={copy} />
        ))}
      </LabelledList>
      <LabelledList
        label="Gradient buffers"
        empty={
          parameter.gradReq === 'null'
            ? 'None: grad_req is null.'
            : 'None: a buffer is made beside each copy once gradients are recorded.'
        }
      >
        {[]}
      </LabelledList>
    </section>
  );
}

function LoadButton({ document, detail }: ParameterRegionProps) {
  const [busy, setBusy] = useState(false);
  const loaded = detail.parameter.status === 'initialized';
  const target = { document, tensor: detail.id };
  const run = async (): Promise<void> => {
    setBusy(true);
    await reporting(() => (loaded ? client.parameters.unload.mutate(target) : client.parameters.load.mutate(target)));
    useParameterChanges.getState().note(document, detail.id);
    setBusy(false);
  };
  return (
    <button type="button" className="small" disabled={busy} onClick={() => void run()}>
      {loaded ? 'Release' : 'Load'}
    </button>
  );
}

/** Shown as it is: the host cannot change it yet. */
function GradReq({ value }: { readonly value: TensorDetail['parameter']['gradReq'] }) {
  return (
    <div className="grad-req">
      <div role="radiogroup" aria-label="grad_req" aria-describedby="grad-req-hint" className="radio-group">
        <span className="field-label mono">grad_req</span>
        {GRAD_REQS.map((name) => (
          <label key={name} className="radio mono">
            <input type="radio" name="grad-req" value={name} checked={name === value} disabled readOnly />
            {name}
          </label>
        ))}
      </div>
      <p className="hint" id="grad-req-hint">
        How backward passes treat the gradient. Read-only in this version.
      </p>
    </div>
  );
}

function CopyItem({ copy }: { readonly copy: DeviceCopy }) {
  return (
    <li className="copy">
      <span className="mono">{copy.device}</span>
      <span className="mono muted">{copy.dtype}</span>
      <span className="number">{formatBytes(copy.bytes)}</span>
      <span className="muted">norm {formatStatistic(copy.norm)}</span>
    </li>
  );
}

interface LabelledListProps {
  readonly label: string;
  readonly empty: string;
  readonly children: readonly ReactNode[];
}

function LabelledList({ label, empty, children }: LabelledListProps) {
  return (
    <div className="labelled-list">
      <h3>{label}</h3>
      <ul aria-label={label}>{children.length > 0 ? children : <li className="muted">{empty}</li>}</ul>
    </div>
  );
}
