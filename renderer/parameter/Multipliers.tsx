import { type KeyboardEvent, useState } from 'react';
import { type ParameterTarget, setMultiplier } from '../actions/parameters.ts';
import { failureOf } from '../api/errors.ts';
import type { ParameterSummary } from '../contract.ts';

interface MultipliersProps {
  readonly target: ParameterTarget;
  readonly parameter: ParameterSummary;
}

/** Factors on the optimizer's learning rate and weight decay. */
export function Multipliers({ target, parameter: { lrMult, wdMult } }: MultipliersProps) {
  return (
    <div className="multipliers">
      <NumberBox
        key={`lr ${lrMult}`}
        label="lr_mult"
        value={lrMult}
        set={(n) => setMultiplier(target, { lrMult: n })}
      />
      <NumberBox
        key={`wd ${wdMult}`}
        label="wd_mult"
        value={wdMult}
        set={(n) => setMultiplier(target, { wdMult: n })}
      />
    </div>
  );
}

interface NumberBoxProps {
  readonly label: string;
  readonly value: number;
  readonly set: (value: number) => Promise<void>;
}

/** Set with Enter or by leaving the box, put back with Escape. */
function NumberBox({ label, value, set }: NumberBoxProps) {
  const [draft, setDraft] = useState(String(value));
  const [problem, setProblem] = useState<string | null>(null);
  const commit = async (): Promise<void> => {
    const number = Number(draft);
    if (draft.trim() === '' || !Number.isFinite(number)) {
      setProblem(`${label} is a number, such as 1 or 0.1.`);
      return;
    }
    setProblem(null);
    if (number !== value) await set(number).catch((error: unknown) => setProblem(failureOf(error).message));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') void commit();
    if (event.key !== 'Escape') return;
    setDraft(String(value));
    setProblem(null);
  };
  return (
    <div className="multiplier">
      <label className="inline-field mono">
        <span>{label}</span>
        <input
          type="text"
          inputMode="decimal"
          className="mono"
          autoComplete="off"
          aria-invalid={problem !== null}
          value={draft}
          onChange={(event) => setDraft(event.target.value)}
          onBlur={() => void commit()}
          onKeyDown={onKeyDown}
        />
      </label>
      {problem !== null && (
        <p role="alert" className="alarm-text hint">
          {problem}
        </p>
      )}
    </div>
  );
}
