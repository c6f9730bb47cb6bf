import { type ReactNode, useId } from 'react';
import type { Histogram as HistogramData, HistogramRequest } from '../contract.ts';
import { formatCount, formatShare, formatStatistic, plural } from '../format/numbers.ts';
import { Baseline, Level, Place } from './axes.tsx';
import { Bin } from './Bin.tsx';
import { frameOf } from './frame.ts';
import { barHeight, positionOf, summaryOf } from './histogram-scale.ts';
import { ReadablePlot } from './ReadablePlot.tsx';
import { edgeTicks, formatTick, linearTicks, logTicks } from './ticks.ts';
import { type Cursor, useCursor } from './use-cursor.ts';
import './histogram.css';

const FRAME = frameOf(190, { left: 46, right: 20, top: 8, bottom: 24 });

interface HistogramProps {
  readonly histogram: HistogramData;
  /** The lowest and highest finite value; the edges may reach beyond them. */
  readonly extremes: readonly [low: number, high: number];
  readonly scale: HistogramRequest['scale'];
  /** Whether counts rise by their logarithm. */
  readonly log: boolean;
  /** What is in no bin, in words; empty where all is. */
  readonly outside: string;
  readonly controls: ReactNode;
}

/** Where the finite values lie. A bar is read by pointing at it, or with the arrow keys. */
export function Histogram({ histogram, extremes, scale, log, outside, controls }: HistogramProps) {
  const { counts } = histogram;
  const titleId = useId();
  const total = counts.reduce((sum, count) => sum + count, 0);
  const summary = total === 0 && scale === 'log' ? 'No positive values.' : summaryOf(histogram, total, extremes);
  const cursor = useCursor({ count: counts.length, summary, read: (bin) => readBin(histogram, bin, total) });
  return (
    <div className="histogram">
      <div className="panel-title">
        <h3 id={titleId}>Histogram</h3>
        <span className="spacer" />
        {controls}
      </div>
      <ReadablePlot frame={FRAME} cursor={cursor} title="Histogram" cursorLabel="Histogram bin">
        <YAxis most={Math.max(0, ...counts)} log={log} />
        <XAxis edges={histogram.edges} scale={scale} />
        <Bars counts={counts} log={log} cursor={cursor} />
      </ReadablePlot>
      <p className="readout">
        {cursor.readout}
        {outside !== '' && <span className="alarm-text"> {outside}</span>}
      </p>
    </div>
  );
}

function readBin({ edges, counts }: HistogramData, bin: number, total: number): string {
  const from = formatStatistic(edges[bin] ?? null);
  const to = formatStatistic(edges[bin + 1] ?? null);
  const count = counts[bin] ?? 0;
  return `${from} to ${to}: ${plural(count, 'element')} (${formatShare(count, total)})`;
}

interface BarsProps {
  readonly counts: readonly number[];
  readonly log: boolean;
  readonly cursor: Cursor;
}

function Bars({ counts, log, cursor }: BarsProps) {
  const most = Math.max(...counts);
  const width = FRAME.width / counts.length;
  return counts.map((count, bin) => {
    const height = barHeight(count, most, log) * FRAME.height;
    const x = FRAME.left + bin * width;
    return (
      <Bin key={x} frame={FRAME} cursor={cursor} at={bin}>
        <rect className="bar" x={x} y={FRAME.bottom - height} width={Math.max(0.5, width - 1)} height={height} />
      </Bin>
    );
  });
}

function YAxis({ most, log }: { readonly most: number; readonly log: boolean }) {
  const ticks = log ? logTicks(most) : linearTicks(0, most, 4).filter(Number.isInteger);
  return (
    <g className="axis">
      {ticks.map((tick) => (
        <Level
          key={tick}
          frame={FRAME}
          y={FRAME.bottom - barHeight(tick, most, log) * FRAME.height}
          label={tick >= 1e5 ? formatTick(tick) : formatCount(tick)}
        />
      ))}
    </g>
  );
}

/** The share of the axis that a label takes. */
const LABEL_SHARE = 0.06;

/** Without those whose labels would run into another's, as they do beside the zero of a symmetric axis, which stays. */
function apart(ticks: readonly number[], edges: readonly number[], scale: HistogramRequest['scale']): number[] {
  const placed: { tick: number; place: number }[] = [];
  for (const tick of ticks.toSorted((a, b) => Number(b === 0) - Number(a === 0))) {
    const place = positionOf(tick, edges, scale);
    if (placed.every((other) => Math.abs(other.place - place) >= LABEL_SHARE)) placed.push({ tick, place });
  }
  return placed.map(({ tick }) => tick);
}

interface XAxisProps {
  readonly edges: readonly number[];
  readonly scale: HistogramRequest['scale'];
}

function XAxis({ edges, scale }: XAxisProps) {
  const low = edges[0] ?? 0;
  const high = edges.at(-1) ?? 0;
  const ticks = apart(scale === 'linear' ? linearTicks(low, high, 7) : edgeTicks(edges, 7), edges, scale);
  return (
    <g className="axis">
      <Baseline frame={FRAME} />
      {ticks.map((tick) => (
        <Place
          key={tick}
          frame={FRAME}
          x={FRAME.left + positionOf(tick, edges, scale) * FRAME.width}
          label={formatTick(tick)}
        />
      ))}
    </g>
  );
}
