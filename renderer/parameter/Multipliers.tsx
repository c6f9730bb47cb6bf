import { type ParameterTarget, setMultiplier } from '../actions/parameters.ts';
import type { ParameterSummary } from '../contract.ts';
import { NumberField } from '../ui/NumberField.tsx';

interface MultipliersProps {
  readonly target: ParameterTarget;
  readonly parameter: ParameterSummary;
}

/** Factors on the optimizer's learning rate and weight decay. */
export function Multipliers({ target, parameter: { lrMult, wdMult } }: MultipliersProps) {
  return (
    <div className="multipliers mono">
      <NumberField label="lr_mult" value={lrMult} onCommit={(value) => setMultiplier(target, { lrMult: value })} />
      <NumberField label="wd_mult" value={wdMult} onCommit={(value) => setMultiplier(target, { wdMult: value })} />
    </div>
  );
}
