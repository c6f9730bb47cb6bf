import { useId, useState } from 'react';
import { type ParameterTarget, setGradReq } from '../actions/parameters.ts';
import type { ParameterSummary } from '../contract.ts';

type GradReqName = ParameterSummary['gradReq'];

const CHOICES: Readonly<Record<GradReqName, string>> = {
  write: 'Each backward pass overwrites the gradient.',
  add: 'Each backward pass adds to the gradient, until Zero.',
  null: 'No gradient buffers, no memory for them.',
};

interface GradReqProps {
  readonly target: ParameterTarget;
  readonly value: GradReqName;
}

/** What backward does with the gradient. */
export function GradReq({ target, value }: GradReqProps) {
  const [wanted, setWanted] = useState<GradReqName | null>(null);
  const id = useId();
  // Until the new summary arrives the choice is shown as made, so that it does not flicker back.
  if (wanted === value) setWanted(null);
  const shown = wanted ?? value;
  const choose = async (gradReq: GradReqName): Promise<void> => {
    setWanted(gradReq);
    if (!(await setGradReq(target, gradReq))) setWanted(null);
  };
  return (
    <div className="grad-req">
      <div role="radiogroup" aria-label="grad_req" aria-describedby={`${id}-hint`} className="radio-group">
        <span className="field-label mono">grad_req</span>
        {(Object.keys(CHOICES) as GradReqName[]).map((name) => (
          <label key={name} className="radio mono">
            <input type="radio" name={id} value={name} checked={name === shown} onChange={() => void choose(name)} />
            {name}
          </label>
        ))}
      </div>
      <p className="hint" id={`${id}-hint`}>
        {CHOICES[shown]}
      </p>
    </div>
  );
}
