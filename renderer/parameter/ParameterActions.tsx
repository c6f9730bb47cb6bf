import { useState } from 'react';
import { loadParameter, type ParameterTarget, releaseParameter } from '../actions/parameters.ts';
import type { TensorDetail } from '../contract.ts';
import { type ParameterQuestion, useDialogs } from '../store/dialogs.ts';

interface ParameterActionsProps {
  readonly target: ParameterTarget;
  readonly detail: TensorDetail;
}

/** What can be done with the live Parameter; none of it is an edit of the document. */
export function ParameterActions({ target, detail }: ParameterActionsProps) {
  const isInitialized = detail.parameter.status === 'initialized';
  const ask = (question: ParameterQuestion): void =>
    useDialogs.getState().ask({ kind: 'parameter', document: target.document, question, detail });
  return (
    <div role="toolbar" aria-label="Parameter actions" className="parameter-actions">
      {isInitialized ? (
        <ActionButton label="Release" run={() => releaseParameter(target)} />
      ) : (
        <ActionButton label="Load" run={() => loadParameter(target)} />
      )}
      <button type="button" className="small" onClick={() => ask('initialize')}>
        Initialize…
      </button>
      <button type="button" className="small" onClick={() => ask('cast')}>
        Cast…
      </button>
      <button type="button" className="small" onClick={() => ask('reset-devices')}>
        Reset devices…
      </button>
      <button
        type="button"
        className="small"
        disabled={!isInitialized}
        title={isInitialized ? 'Run forward and backward on the copies' : 'Load or initialize the Parameter first'}
        onClick={() => ask('probe')}
      >
        Probe…
      </button>
    </div>
  );
}

interface ActionButtonProps {
  readonly label: string;
  /** Where it differs from the label, which it must contain. */
  readonly name?: string;
  readonly run: () => Promise<unknown>;
}

/** A button that waits for what it does. */
export function ActionButton({ label, name, run }: ActionButtonProps) {
  const [busy, setBusy] = useState(false);
  const onClick = async (): Promise<void> => {
    setBusy(true);
    await run();
    setBusy(false);
  };
  return (
    <button type="button" className="small" aria-label={name} disabled={busy} onClick={() => void onClick()}>
      {label}
    </button>
  );
}
