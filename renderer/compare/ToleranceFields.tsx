import { useId } from 'react';
import { setTolerance } from '../actions/comparisons.ts';
import { type Comparison, type GivenTolerance, toleranceOf } from '../store/comparisons.ts';
import { NumberField } from '../ui/NumberField.tsx';

const FIELDS: readonly { readonly part: keyof GivenTolerance; readonly label: string }[] = [
  { part: 'absolute', label: 'Absolute tolerance' },
  { part: 'relative', label: 'Relative tolerance' },
];

/** How far apart values may be and still count as equal. */
export function ToleranceFields({ comparison }: { readonly comparison: Comparison }) {
  const id = useId();
  const tolerance = toleranceOf(comparison);
  const set = (change: Partial<GivenTolerance>): void => setTolerance(comparison.id, { ...tolerance, ...change });
  return (
    <fieldset className="tolerance" aria-label="Tolerance" aria-describedby={id}>
      {FIELDS.map(({ part, label }) => (
        <NumberField
          key={part}
          label={label}
          value={tolerance[part]}
          placeholder="none"
          problemOf={(value) => (value < 0 ? 'Not below 0.' : null)}
          onCommit={(value) => set({ [part]: value })}
          onClear={() => set({ [part]: null })}
        />
      ))}
      <span className="muted" id={id}>
        |Δ| ≤ absolute + relative · |before|
      </span>
    </fieldset>
  );
}
