import type { HistogramRequest } from '../contract.ts';
import { Choice } from '../ui/Choice.tsx';
import { NumberField } from '../ui/NumberField.tsx';

/** What is shown, and how. */
export interface HistogramView {
  readonly scale: HistogramRequest['scale'];
  readonly range: 'full' | 'robust' | 'given';
  /** The ends of a given range. */
  readonly ends: readonly [low: number, high: number];
  /** Up to which magnitude a symmetric axis of logarithms is linear; null for a share of the values' extent. */
  readonly threshold: number | null;
  readonly bins: number;
  readonly logCounts: boolean;
}

const SCALES: Readonly<Record<HistogramView['scale'], string>> = {
  linear: 'Linear',
  log: 'Logarithmic',
  symlog: 'Symmetric log',
};
const RANGES: Readonly<Record<HistogramView['range'], string>> = {
  full: 'Full',
  robust: 'Middle 99.8 %',
  given: 'Given',
};
const BINS: Readonly<Record<string, string>> = { 16: '16', 32: '32', 64: '64', 128: '128', 256: '256' };

interface HistogramControlsProps {
  readonly view: HistogramView;
  /** The ends of what is shown now: where a given range begins. */
  readonly shown: readonly [low: number, high: number];
  readonly threshold: number | null;
  readonly onView: (view: HistogramView) => void;
}

export function HistogramControls({ view, shown, threshold, onView }: HistogramControlsProps) {
  const { scale, range, ends } = view;
  return (
    <>
      <Choice
        label="Axis"
        choices={SCALES}
        value={scale}
        onChange={(next) => onView(fitting({ ...view, scale: next }))}
      />
      {scale === 'symlog' && (
        <NumberField
          label="Linear up to"
          value={view.threshold}
          placeholder={threshold === null ? '' : String(Number(threshold.toPrecision(3)))}
          problemOf={(value) => (value > 0 ? null : 'Above 0.')}
          onCommit={(value) => onView({ ...view, threshold: value })}
          onClear={() => onView({ ...view, threshold: null })}
        />
      )}
      <Choice
        label="Range"
        choices={RANGES}
        value={range}
        onChange={(next) => onView(fitting({ ...view, range: next, ends: next === 'given' ? apart(shown) : ends }))}
      />
      {range === 'given' && <Ends view={view} onView={onView} />}
      <Choice
        label="Bins"
        choices={BINS}
        value={String(view.bins)}
        onChange={(bins) => onView({ ...view, bins: Number(bins) })}
      />
      <label className="inline-field">
        <input
          type="checkbox"
          checked={view.logCounts}
          onChange={(event) => onView({ ...view, logCounts: event.target.checked })}
        />
        Log counts
      </label>
    </>
  );
}

/** One value is no range. */
function apart([low, high]: readonly [number, number]): readonly [number, number] {
  return low < high ? [low, high] : [low - 0.5, high + 0.5];
}

/** An axis of logarithms has no place for what is not positive. */
function fitting(view: HistogramView): HistogramView {
  return view.scale === 'log' && view.range === 'given' && view.ends[0] <= 0 ? { ...view, range: 'full' } : view;
}

function Ends({ view, onView }: Pick<HistogramControlsProps, 'view' | 'onView'>) {
  const { scale, ends } = view;
  const [low, high] = ends;
  const lowProblem = (value: number): string | null => {
    if (value >= high) return 'Below the high end.';
    return scale === 'log' && value <= 0 ? 'Above 0.' : null;
  };
  const highProblem = (value: number): string | null => (value <= low ? 'Above the low end.' : null);
  return (
    <>
      <NumberField
        label="From"
        value={low}
        problemOf={lowProblem}
        onCommit={(value) => onView({ ...view, ends: [value, high] })}
      />
      <NumberField
        label="to"
        value={high}
        problemOf={highProblem}
        onCommit={(value) => onView({ ...view, ends: [low, value] })}
      />
    </>
  );
}
