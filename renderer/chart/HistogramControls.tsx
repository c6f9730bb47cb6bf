import type { HistogramRequest } from '../contract.ts';
import { Choice } from '../ui/Choice.tsx';

/** What is shown, and how. */
export interface HistogramView {
  readonly scale: HistogramRequest['scale'];
  readonly range: 'full' | 'robust';
  readonly bins: number;
  readonly logCounts: boolean;
}

const SCALES: Readonly<Record<HistogramView['scale'], string>> = {
  linear: 'Linear',
  log: 'Logarithmic',
  symlog: 'Symmetric log',
};
const RANGES: Readonly<Record<HistogramView['range'], string>> = { full: 'Full', robust: 'Middle 99.8 %' };
const BINS: Readonly<Record<string, string>> = { 16: '16', 32: '32', 64: '64', 128: '128', 256: '256' };

interface HistogramControlsProps {
  readonly view: HistogramView;
  readonly onView: (view: HistogramView) => void;
}

export function HistogramControls({ view, onView }: HistogramControlsProps) {
  return (
    <>
      <Choice label="Axis" choices={SCALES} value={view.scale} onChange={(scale) => onView({ ...view, scale })} />
      <Choice label="Range" choices={RANGES} value={view.range} onChange={(range) => onView({ ...view, range })} />
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
