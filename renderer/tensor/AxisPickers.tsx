import { numbered } from '../ui/numbered.ts';
import { type SliceView, withAxis, withIndex } from './slice-view.ts';

interface AxisPickersProps {
  readonly shape: readonly number[];
  readonly view: SliceView;
  readonly onChange: (view: SliceView) => void;
}

/** Which axes run down and across, and the index along each of the others; nothing to pick below rank 3. */
export function AxisPickers({ shape, view, onChange }: AxisPickersProps) {
  if (shape.length < 3) return null;
  return (
    <fieldset className="axis-pickers">
      <legend className="visually-hidden">Slice</legend>
      <AxisSelect
        label="Rows"
        shape={shape}
        axis={view.rowAxis}
        onPick={(axis) => onChange(withAxis(view, 'rowAxis', axis))}
      />
      <AxisSelect
        label="Columns"
        shape={shape}
        axis={view.columnAxis}
        onPick={(axis) => onChange(withAxis(view, 'columnAxis', axis))}
      />
      {numbered(view.index).map(({ place: axis, item: value }) => {
        if (axis === view.rowAxis || axis === view.columnAxis) return null;
        const last = Math.max(0, (shape[axis] ?? 1) - 1);
        const set = (wanted: number): void => {
          if (Number.isInteger(wanted)) onChange(withIndex(view, axis, Math.min(Math.max(0, wanted), last)));
        };
        return (
          <label key={axis} className="inline-field">
            <span>Axis {axis}</span>
            <input
              type="number"
              min={0}
              max={last}
              value={value}
              aria-label={`Index along axis ${axis}`}
              onChange={(event) => set(event.target.valueAsNumber)}
            />
            <span className="muted">/ {last}</span>
          </label>
        );
      })}
    </fieldset>
  );
}

interface AxisSelectProps {
  readonly label: string;
  readonly shape: readonly number[];
  readonly axis: number | null;
  readonly onPick: (axis: number) => void;
}

function AxisSelect({ label, shape, axis, onPick }: AxisSelectProps) {
  return (
    <label className="inline-field">
      <span>{label}</span>
      <select value={axis ?? 0} aria-label={`${label} axis`} onChange={(event) => onPick(Number(event.target.value))}>
        {numbered(shape).map(({ place, item: size }) => (
          <option key={place} value={place}>
            {`axis ${place} (${size})`}
          </option>
        ))}
      </select>
    </label>
  );
}
